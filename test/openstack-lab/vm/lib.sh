# Shared by the commands for virtual machines under the lab. Sourced, not run.
VM_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$VM_SRC/../lib.sh"
KUBE_DIR=${MOORAGE_KUBE_DIR:-/var/cache/moorage-kube}
VM_IMAGES=$KUBE_DIR/vm
VM_DIR=$LAB_DIR/vm
mkdir -p "$VM_IMAGES"

NODE=$VM_SRC/../../../node_modules/.bin/node
newest_version() { "$NODE" --input-type=module -e "console.log((await import('$VM_SRC/../../../local/kube-build/go-modules.ts')).kubernetesVersions[0])"; }

# images_of VERSION: the tars of all that a cluster of this version runs
images_of() {
  "$NODE" "$VM_SRC/cluster-images.ts" "$1"
}
