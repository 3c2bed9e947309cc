/*
 * What all virtio devices on this board have in common: registers, a status,
 * features. § is a section of Virtio 1.3.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Offsets of registers, each of 32 bits (§4.2.2). */
enum virtio_register {
  MAGIC_VALUE = 0x000,
  VERSION = 0x004,
  DEVICE_ID = 0x008,
  DEVICE_FEATURES = 0x010,
  DEVICE_FEATURES_SEL = 0x014,
  DRIVER_FEATURES = 0x020,
  DRIVER_FEATURES_SEL = 0x024,
  QUEUE_SEL = 0x030,
  QUEUE_SIZE_MAX = 0x034,
  QUEUE_SIZE = 0x038,
  QUEUE_READY = 0x044,
  QUEUE_NOTIFY = 0x050,
  INTERRUPT_STATUS = 0x060,
  INTERRUPT_ACK = 0x064,
  STATUS = 0x070,
  QUEUE_DESC = 0x080,   /* this and the next two: 64 bits, the lower half first */
  QUEUE_DRIVER = 0x090, /* the available ring */
  QUEUE_DEVICE = 0x0a0, /* the used ring */
  CONFIG = 0x100,       /* what is the device's own begins here */
};

/* Bits of STATUS (§2.1). */
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };

enum virtio_device_id { VIRTIO_BLOCK = 2 };

/* The device knows the standard, and not only what was there before it (§6). */
#define VIRTIO_F_VERSION_1 (1UL << 32)

struct virtio_device {
  volatile uint32_t *registers;
  unsigned interrupt;
  uint64_t features;
};

static inline uint32_t virtio_read(const struct virtio_device *device, unsigned at) {
  return device->registers[at / 4];
}

static inline void virtio_write(const struct virtio_device *device, unsigned at, uint32_t value) {
  device->registers[at / 4] = value;
}

/* The first device of the kind; false if there is none. */
bool virtio_find(struct virtio_device *device, enum virtio_device_id id);

/*
 * Resets it, and agrees with it on those of the wanted features that it has.
 * False if it refuses.
 */
bool virtio_negotiate(struct virtio_device *device, uint64_t wanted);

/* The driver is ready, queues included: from here on the device works. */
void virtio_start(const struct virtio_device *device);
