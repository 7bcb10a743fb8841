"""vm_image.py FOLDER: the image for virtual machines that vm/build-image has left there, with its kernel, in place of older ones."""
import sys
from pathlib import Path

from cloud import connection

folder = Path(sys.argv[1])
version = folder.name
images = connection.image
# Under emulation the kernel's own cryptography is faster without what only
# real processors are good at, and its self-tests outlast udev's patience.
# Two emulated processors may find that their counters disagree by what the
# comparison takes; each look at the clock would then ask a device instead.
COMMAND_LINE = [
    'root=/dev/vda', 'rw', 'console=ttyS0', 'net.ifnames=0',
    'mitigations=off', 'tsc=reliable', 'nowatchdog', 'cryptomgr.notests',
    'modprobe.blacklist=aesni_intel,ghash_clmulni_intel,crc32_pclmul,'
    'crct10dif_pclmul,sha512_ssse3,kvm_amd,powernow_k8,psmouse,floppy']
NAMES = [f'{kind}-{version}' for kind in ('vmlinuz', 'initrd', 'debian-12-kube')]
for image in [*images.images()]:
    if image.name in NAMES:
        images.delete_image(image)


def upload(name, file, kind, container, **properties):
    return images.create_image(
        name=name, filename=str(folder / file), disk_format=kind,
        container_format=container, visibility='public',
        allow_duplicates=True, validate_checksum=False, **properties).id


kernel = upload(NAMES[0], 'vmlinuz', 'aki', 'aki')
ramdisk = upload(NAMES[1], 'initrd.img', 'ari', 'ari')
upload(NAMES[2], 'disk.qcow2', 'qcow2', 'bare',
       min_disk=6, os_distro='debian', os_version='12', kube_version=version,
       kernel_id=kernel, ramdisk_id=ramdisk,
       os_command_line=' '.join(COMMAND_LINE))
