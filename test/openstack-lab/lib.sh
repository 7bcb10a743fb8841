# Shared by all of the lab's commands: settings and what they have in common. Sourced, not run.
LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LAB_DIR=${LAB_DIR:-/tmp/moorage-lab}
export LAB_PASSWORD=${LAB_PASSWORD:-labsecret}              # of every account; nothing but this machine reaches the lab
# What servers are: entries in Nova's memory (fake), or virtual machines (vm, see vm/README.md). A lab stays what it was made as.
export LAB_MACHINES=${LAB_MACHINES:-$(cat "$LAB_DIR/machines" 2>/dev/null || echo fake)}
if [ "$LAB_MACHINES" = vm ]; then
  # Guests reach the APIs, and this machine their floating addresses: both lie on the external network.
  LAB_ADDRESS=198.51.100.1 LAB_EXTERNAL=198.51.100.0/24 LAB_COMPUTES=1
else
  LAB_ADDRESS=127.0.0.1 LAB_EXTERNAL=127.64.0.0/16     # which never leaves the machine
fi
export LAB_ADDRESS LAB_EXTERNAL VM_DIR=$LAB_DIR/vm
export LAB_COMPUTES=${LAB_COMPUTES:-3}                      # hypervisors, dealt out over zone-1, zone-2 and zone-3
export LAB_TOKEN_SECONDS=${LAB_TOKEN_SECONDS:-3600}         # how long Keystone's tokens last
export LAB_PLATFORM_ROLE=${LAB_PLATFORM_ROLE:-moorage}      # what Moorage's user is: moorage, or admin
export DB_PORT=${DB_PORT:-13306} MQ_PORT=${MQ_PORT:-15673} MC_PORT=${MC_PORT:-11311} DISCOVERY_PORT=${DISCOVERY_PORT:-12379}

ETC=$LAB_DIR/etc LOG=$LAB_DIR/log PIDS=$LAB_DIR/pid COMMANDS=$LAB_DIR/command DONE=$LAB_DIR/done
BIN=$LAB_DIR/bin PKG=/var/cache/moorage-lab
export PKG AUTH=http://$LAB_ADDRESS:5000/v3
PY=/usr/bin/python3

# Daemons live in a clean environment: a HOME of their own (caches, erlang's cookie), the lab's plug-ins importable, no
# proxies, virtual environments or clouds of the caller.
export HOME=$LAB_DIR/home PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=$LAB_DIR/plugins
unset PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ${!OS_@}

T0=$(date +%s)
say() { printf '[%4ds] %s\n' $(($(date +%s) - T0)) "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }
# The machine cannot have the lab at all: told apart by the exit code, so that whoever only wants to try can go on.
unavailable() { echo "No lab on this machine: $*" >&2; exit 69; }

# born PID: when that process started, which tells it from a later one with the same id
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# alive NAME: does that daemon run? Sets $pid.
alive() {
  local start; read -r pid start 2>/dev/null <"$PIDS/$1" && [ -n "$start" ] && [ "$(born "$pid")" = "$start" ]
}

# launch NAME: starts the daemon in a session of its own, as it was started the first time
launch() {
  setsid bash "$COMMANDS/$1" >>"$LOG/$1.log" 2>&1 </dev/null 9>&- &
  echo "$! $(born $!)" >"$PIDS/$1"
}

# daemon NAME COMMAND...: starts it unless it runs; how is kept, for `service`
daemon() {
  local name=$1; shift
  alive "$name" && return
  printf 'exec %s\n' "$(printf '%q ' "$@")" >"$COMMANDS/$name"
  launch "$name"
}

# halt NAME...: ends those daemons, each with the group that it leads
halt() {
  local name pid
  for name in "$@"; do alive "$name" && kill -TERM -- "-$pid"; done
  for name in "$@"; do
    for _ in $(seq 50); do alive "$name" || break; sleep 0.2; done
    alive "$name" && kill -KILL -- "-$pid"
    rm -f "$PIDS/$name"
  done
}

# once NAME COMMAND...: runs it until it has succeeded one time in this LAB_DIR
once() {
  local name=$1 start=$SECONDS; shift
  [ -e "$DONE/$name" ] && return
  # in the background, since "set -e" is off in a function called before ||
  "$@" >"$LOG/$name.log" 2>&1 & wait $! || { tail -5 "$LOG/$name.log" >&2; die "$name, see $LOG/$name.log"; }
  echo "$((SECONDS - start))s" >"$DONE/$name"
}

# wait_for SECONDS WHAT COMMAND...: looks until the command succeeds
wait_for() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "no $what, see $LOG"
    sleep 0.3
  done
}

# serves NAME PORT: waits until that daemon answers there, or has ended
serves() {
  local end=$((SECONDS + 180))
  until curl -s -o /dev/null --max-time 5 "http://$LAB_ADDRESS:$2/"; do
    alive "$1" || { tail -5 "$LOG/$1.log" >&2; die "$1 has ended, see $LOG/$1.log"; }
    [ $SECONDS -lt $end ] || die "$1 does not answer on port $2, see $LOG/$1.log"
    sleep 0.3
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
sql() { mariadb --no-defaults -uroot -S "$LAB_DIR/mysql.sock" "$@"; }
seed() { local part=$1; shift; "$PY" -B "$LAB_SRC/seed/$part.py" "$@"; }

# run PROGRAM SERVICE ARGUMENT...: a program of OpenStack with that service's configuration
run() { local program=$1 service=$2; shift 2; "$BIN/$program" --config-file "$ETC/$service.conf" "$@"; }

# start NAME PROGRAM SERVICE ARGUMENT...: the same, as a daemon
start() { local name=$1 program=$2 service=$3; shift 3; daemon "$name" "$BIN/$program" --config-file "$ETC/$service.conf" "$@"; }

# wsgi NAME PORT MODULE:FACTORY [UWSGI ARGUMENT...]: an API that is a WSGI application. Its log tells of each request whose it
# was, as the other services' logs do: calls.ts counts by that.
wsgi() {
  local name=$1 port=$2 module=$3; shift 3
  daemon "$name" uwsgi_python3 --http-socket "$LAB_ADDRESS:$port" --module "$module" --master --threads 4 --lazy-apps \
    --need-app --die-on-term --buffer-size 65535 --add-header 'Connection: close' --processes "${WSGI_PROCESSES:-1}" \
    --log-format '[%(ctime)] [%(var.HTTP_X_OPENSTACK_REQUEST_ID) -] %(addr) "%(method) %(uri)" status: %(status) %(msecs) ms' "$@"
}
