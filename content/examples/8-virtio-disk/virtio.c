#include "virtio.h"

/* The board has eight places for a device, each with an interrupt of its own. */
enum { SLOTS = 8, SLOT_BYTES = 0x1000, FIRST_INTERRUPT = 1 };
#define FIRST_SLOT 0x10001000UL

enum { MAGIC = 0x74726976 }; /* "virt" */

bool virtio_find(struct virtio_device *device, enum virtio_device_id id) {
  for (unsigned slot = 0; slot < SLOTS; slot++) {
    device->registers = (volatile uint32_t *)(FIRST_SLOT + SLOT_BYTES * slot);
    device->interrupt = FIRST_INTERRUPT + slot;
    if (virtio_read(device, MAGIC_VALUE) != MAGIC || virtio_read(device, VERSION) != 2)
      continue;
    if (virtio_read(device, DEVICE_ID) == id)
      return true;
  }
  return false;
}

static void add_status(const struct virtio_device *device, uint32_t bit) {
  virtio_write(device, STATUS, virtio_read(device, STATUS) | bit);
}

/* Features are 64 bits or more, of which one sees 32 at a time. */
static uint64_t offered_features(const struct virtio_device *device) {
  virtio_write(device, DEVICE_FEATURES_SEL, 1);
  uint64_t high = virtio_read(device, DEVICE_FEATURES);
  virtio_write(device, DEVICE_FEATURES_SEL, 0);
  return high << 32 | virtio_read(device, DEVICE_FEATURES);
}

static void accept_features(const struct virtio_device *device) {
  virtio_write(device, DRIVER_FEATURES_SEL, 1);
  virtio_write(device, DRIVER_FEATURES, (uint32_t)(device->features >> 32));
  virtio_write(device, DRIVER_FEATURES_SEL, 0);
  virtio_write(device, DRIVER_FEATURES, (uint32_t)device->features);
}

/* The order of the steps is the standard's (§3.1.1). */
bool virtio_negotiate(struct virtio_device *device, uint64_t wanted) {
  virtio_write(device, STATUS, 0); /* reset */
  add_status(device, ACKNOWLEDGE);
  add_status(device, DRIVER);
  device->features = offered_features(device) & wanted;
  accept_features(device);
  add_status(device, FEATURES_OK);
  /* A device that cannot work with this choice takes the bit back. */
  return (virtio_read(device, STATUS) & FEATURES_OK) != 0;
}

void virtio_start(const struct virtio_device *device) {
  add_status(device, DRIVER_OK);
}
