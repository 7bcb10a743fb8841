"""Cinder's own fake driver, with images that are "copied" without a device."""
from cinder.tests import fake_driver


class LabVolumeDriver(fake_driver.FakeLoggingVolumeDriver):
    def clone_image(self, context, volume, image_location, image_meta,
                    image_service):
        return {}, True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        image_service.update(context, image_meta['id'], {}, b'\0' * 1024)

    def extend_volume(self, volume, new_size):
        pass
