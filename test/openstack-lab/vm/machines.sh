# A lab whose servers are virtual machines: Open vSwitch, libvirt and Neutron's agents, in a mount namespace of their own.
# Sourced by up.
INSIDE=$LAB_SRC/vm/inside

is_vm() { [ "$LAB_MACHINES" = vm ]; }
# vm_conf SERVICE: what that service is told beyond its own configuration
vm_conf() { ! is_vm || echo "--config-file $ETC/$1-vm.conf"; }
# start_inside NAME PROGRAM SERVICE ARGUMENT...: as start, in that namespace
start_inside() { local name=$1 program=$2 service=$3; shift 3; daemon "$name" "$INSIDE" "$BIN/$program" --config-file "$ETC/$service.conf" "$@"; }

# vm_can_be: ends, saying why, where this machine cannot carry virtual machines
vm_can_be() {
  [ -c /dev/net/tun ] || unavailable "virtual machines need /dev/net/tun."
  local mib; mib=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)
  [ "$mib" -ge 10000 ] || unavailable "with virtual machines it needs 10 GiB of memory, and $mib MiB are left."
}

space_is_there() { "$INSIDE" test -d /run/netns; }
switch_answers() { "$INSIDE" ovs-vsctl --timeout=5 --no-wait init; }

# The external network is a bridge of this machine's, so it comes before all that listens on its address.
vm_network() {
  mkdir -p "$VM_DIR"/run/{libvirt,openvswitch,netns,lock} "$VM_DIR"/{libvirt,cache,log,etc,instances,volumes,state}
  mkdir -p /var/{lib,cache,log}/libvirt /etc/libvirt
  cp "$LAB_SRC"/vm/{qemu,libvirtd}.conf "$VM_DIR/etc"
  daemon vm-space unshare --mount --propagation private "$LAB_SRC/vm/space"
  wait_for 20 "namespace for virtual machines" space_is_there

  [ -e "$VM_DIR/switch.db" ] || ovsdb-tool create "$VM_DIR/switch.db" /usr/share/openvswitch/vswitch.ovsschema
  daemon ovsdb "$INSIDE" ovsdb-server "$VM_DIR/switch.db" --remote=punix:/run/openvswitch/db.sock \
    --remote=ptcp:6640:127.0.0.1 --pidfile -vfile:off -vsyslog:off -vconsole:info
  wait_for 30 "database of the switch" switch_answers
  "$INSIDE" ovs-vsctl --no-wait set Open_vSwitch . external_ids:system-id=lab external_ids:hostname=lab-compute-1
  daemon ovs-vswitchd "$INSIDE" ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile -vfile:off -vsyslog:off -vconsole:info
  "$INSIDE" ovs-vsctl --timeout=60 --may-exist add-br br-ex -- set bridge br-ex datapath_type=netdev
  ip addr replace "$LAB_ADDRESS/${LAB_EXTERNAL#*/}" dev br-ex
  ip link set br-ex up
  daemon libvirtd "$INSIDE" libvirtd
}

agents() {
  local name
  for name in openvswitch l3; do start_inside "neutron-$name-agent" "neutron-$name-agent" neutron --config-file "$ETC/agents.conf"; done
}

# vm_images: of the newest Kubernetes, and what others vm/build-image has made, in Glance
vm_images() {
  local folder
  "$LAB_SRC/vm/build-image" || die "without an image for virtual machines there is no use for this lab"
  for folder in "${MOORAGE_KUBE_DIR:-/var/cache/moorage-kube}"/vm/v*; do
    [ -e "$folder/made-of" ] || continue
    once "image-$(cat "$folder/made-of")" seed vm_image "$folder"
  done
}

# vm_halt: ends the guests, which outlive libvirt, and takes away the bridges, whose devices outlive the switch
vm_halt() {
  local file pid bridge
  for file in "$VM_DIR"/run/libvirt/qemu/*.pid; do
    # The file may be older than the machine's last start: ids of processes come again.
    pid=$(cat "$file" 2>/dev/null) && grep -qa qemu-system "/proc/$pid/cmdline" && kill -KILL "$pid"
  done
  for bridge in $("$INSIDE" ovs-vsctl --timeout=10 list-br); do "$INSIDE" ovs-vsctl --timeout=30 del-br "$bridge"; done
}
