# Shared by the commands for virtual machines under the lab. Sourced, not run.
VM_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$VM_SRC/../lib.sh"
KUBE_DIR=${MOORAGE_KUBE_DIR:-/var/cache/moorage-kube}
VM_IMAGES=$KUBE_DIR/vm
VM_DIR=$LAB_DIR/vm
mkdir -p "$VM_IMAGES"

# images_of VERSION: the tars of all that a cluster of this version runs
images_of() {
  "$VM_SRC/../../../node_modules/.bin/node" "$VM_SRC/cluster-images.ts" "$1"
}
