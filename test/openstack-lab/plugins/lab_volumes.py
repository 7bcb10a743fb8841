"""Cinder driver whose volumes are files of this machine, for virtual machines that need what is in them.

Nova's hypervisor opens the file itself: "gpfs" is its name for volumes that
are files at a path that it can see.
"""
import os
import urllib.parse

from cinder import interface
from cinder.volume import driver
from oslo_concurrency import processutils

FOLDER = os.environ['VM_DIR'] + '/volumes'


def path_of(thing):
    return f'{FOLDER}/{thing.id}'


def copy(source, target, gib):
    processutils.execute('cp', '--sparse=always', path_of(source),
                         path_of(target))
    os.truncate(path_of(target), gib * 2 ** 30)


def remove(thing):
    if os.path.exists(path_of(thing)):
        os.remove(path_of(thing))


@interface.volumedriver
class FileVolumeDriver(driver.VolumeDriver):
    VERSION = '1'

    def check_for_setup_error(self):
        os.makedirs(FOLDER, exist_ok=True)

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.configuration.volume_backend_name,
            'vendor_name': 'lab', 'driver_version': self.VERSION,
            'storage_protocol': 'file', 'total_capacity_gb': 'infinite',
            'free_capacity_gb': 'infinite', 'reserved_percentage': 0}

    def create_volume(self, volume):
        with open(path_of(volume), 'wb') as file:
            file.truncate(volume.size * 2 ** 30)

    def clone_image(self, context, volume, image_location, image_meta,
                    image_service):
        url = urllib.parse.urlparse(image_location[0])   # of Glance's own file
        processutils.execute(
            'qemu-img', 'convert', '-f', image_meta['disk_format'],
            '-O', 'raw', url.path, path_of(volume))
        os.truncate(path_of(volume), volume.size * 2 ** 30)
        return {}, True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        with open(path_of(volume), 'rb') as file:
            image_service.update(context, image_meta['id'], {}, file)

    def create_cloned_volume(self, volume, src_vref):
        copy(src_vref, volume, volume.size)

    def create_volume_from_snapshot(self, volume, snapshot):
        copy(snapshot, volume, volume.size)

    def extend_volume(self, volume, new_size):
        os.truncate(path_of(volume), new_size * 2 ** 30)

    def delete_volume(self, volume):
        remove(volume)

    def create_snapshot(self, snapshot):
        copy(snapshot.volume, snapshot, snapshot.volume_size)

    def delete_snapshot(self, snapshot):
        remove(snapshot)

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {'driver_volume_type': 'gpfs',
                'data': {'device_path': path_of(volume)}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
