# Debian's packages. The python3-* ones have all the code and, unlike those of the services, neither questions to answer
# nor daemons that start by themselves. Sourced by up.
PACKAGES="curl openssl mariadb-server-core mariadb-client-core rabbitmq-server memcached uwsgi-plugin-python3
  python3-sqlalchemy-ext
  python3-keystone python3-glance python3-placement python3-nova python3-neutron python3-cinder python3-octavia
  python3-heat python3-magnum python3-openstackclient python3-octaviaclient python3-heatclient python3-magnumclient"
# Hypervisor, switch and what Neutron's agents call, for a lab with virtual machines.
VM_PACKAGES="qemu-system-x86 qemu-utils libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system libvirt-clients python3-libvirt
  openvswitch-switch iptables ipset conntrack iputils-arping genisoimage"
[ "$LAB_MACHINES" != vm ] || PACKAGES="$PACKAGES $VM_PACKAGES"
# For their paste pipelines and templates alone: unpacked, not installed.
UNPACKED="glance-common nova-common cinder-common heat-common magnum-common"
# Console scripts, which the python3-* packages do not bring.
PROGRAMS="keystone-manage placement-manage glance-manage glance-api nova-manage nova-api nova-conductor nova-scheduler
  nova-compute neutron-db-manage neutron-server neutron-openvswitch-agent neutron-l3-agent cinder-manage cinder-api cinder-scheduler cinder-volume
  octavia-db-manage octavia-worker heat-manage heat-api heat-engine magnum-db-manage magnum-conductor"

packages() {
  dpkg -s $PACKAGES >/dev/null 2>&1 && return
  local VERSION_CODENAME=; [ -r /etc/os-release ] && . /etc/os-release
  [ "$VERSION_CODENAME" = bookworm ] || unavailable "its packages are Debian 12's."
  say "installing packages (log: $LOG/packages.log)"
  install_packages >"$LOG/packages.log" 2>&1 || { tail -5 "$LOG/packages.log" >&2; unavailable "the packages cannot be installed, see $LOG/packages.log."; }
}

# In a subshell, for the trap.
install_packages() (
  set -e
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then   # keeps rabbitmq and memcached from starting
    printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy
    trap 'rm -f $policy' EXIT
  fi
  # Byte-compiling in 300 installation scripts is slow: hidden from them, and done at once, on all cores.
  mkdir -p "$LAB_DIR/stub"; ln -sf /bin/true "$LAB_DIR/stub/py3compile"
  apt-get update
  apt-get install -y --no-install-recommends -o "DPkg::Path=$LAB_DIR/stub:$PATH" \
    -o DPkg::Options::=--force-unsafe-io -o DPkg::Options::=--force-confold \
    -o 'DPkg::Options::=--path-exclude=/usr/share/doc/*' -o 'DPkg::Options::=--path-exclude=/usr/share/man/*' $PACKAGES
  $PY -m compileall -q -j0 -x /tests/ /usr/lib/python3/dist-packages || true
)

# Kept apart from LAB_DIR, like the packages: a new lab does not need the network for them.
paste_pipelines() {
  [ -e "$PKG/complete" ] && return
  unpack >"$LOG/paste-pipelines.log" 2>&1 || { tail -5 "$LOG/paste-pipelines.log" >&2; unavailable "packages cannot be downloaded."; }
}
unpack() (
  set -e
  debs=$(mktemp -d); trap 'rm -rf "$debs"' EXIT
  chmod 755 "$debs"; cd "$debs"
  apt-get download $UNPACKED || { apt-get update; apt-get download $UNPACKED; }
  for deb in *.deb; do dpkg-deb -x "$deb" "$PKG"; done
  touch "$PKG/complete"
)
