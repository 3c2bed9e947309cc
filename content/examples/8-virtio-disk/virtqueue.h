/*
 * A split virtqueue (§2.7): a table of descriptors, each a piece of memory, and
 * two rings. In the available ring the driver names chains of descriptors for the
 * device to work on, in the used ring the device names those it is done with.
 * Both indices only grow; the place in the ring is the index modulo the size.
 */
#pragma once
#include "virtio.h"

enum { QUEUE_ENTRIES = 8 };

/* §2.7.5 */
enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_DEVICE_WRITES = 2 };
struct descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

/* §2.7.6: written by the driver. */
struct available_ring {
  uint16_t flags;
  uint16_t index;
  uint16_t ring[QUEUE_ENTRIES];
};

/* §2.7.8: written by the device. */
struct used_ring {
  uint16_t flags;
  uint16_t index;
  struct {
    uint32_t head;
    uint32_t length;
  } ring[QUEUE_ENTRIES];
};

struct virtqueue {
  _Alignas(16) struct descriptor table[QUEUE_ENTRIES];
  struct available_ring available;
  _Alignas(4) struct used_ring used;
  /* The used ring has been read up to here. */
  uint16_t seen;
};

/* A piece of memory that is part of a request. */
struct buffer {
  void *start;
  uint32_t length;
  bool device_writes;
};

/* Queue 0, between virtio_negotiate and virtio_start. False if the device has none so long. */
bool virtqueue_start(struct virtqueue *queue, const struct virtio_device *device);

/* Makes a chain of the buffers, in descriptors from `head` on, and hands it to the device. */
void virtqueue_submit(struct virtqueue *queue, const struct virtio_device *device,
                      uint16_t head, const struct buffer *buffers, int count);

/* The head of a chain that the device is done with, or -1 if there is none. */
int virtqueue_take(struct virtqueue *queue);
