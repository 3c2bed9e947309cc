#include "virtqueue.h"

static void set_address(const struct virtio_device *device, unsigned at, const void *address) {
  virtio_write(device, at, (uint32_t)(uintptr_t)address);
  virtio_write(device, at + 4, (uint32_t)((uintptr_t)address >> 32));
}

/* §4.2.3.2 */
bool virtqueue_start(struct virtqueue *queue, const struct virtio_device *device) {
  virtio_write(device, QUEUE_SEL, 0);
  if (virtio_read(device, QUEUE_SIZE_MAX) < QUEUE_ENTRIES)
    return false;
  virtio_write(device, QUEUE_SIZE, QUEUE_ENTRIES);
  set_address(device, QUEUE_DESC, queue->table);
  set_address(device, QUEUE_DRIVER, &queue->available);
  set_address(device, QUEUE_DEVICE, &queue->used);
  virtio_write(device, QUEUE_READY, 1);
  return true;
}

static void chain(struct virtqueue *queue, uint16_t head, const struct buffer *buffers, int count) {
  for (int i = 0; i < count; i++) {
    struct descriptor *descriptor = &queue->table[head + i];
    descriptor->address = (uintptr_t)buffers[i].start;
    descriptor->length = buffers[i].length;
    descriptor->flags = buffers[i].device_writes ? DESCRIPTOR_DEVICE_WRITES : 0;
    if (i == count - 1)
      continue;
    descriptor->flags |= DESCRIPTOR_NEXT;
    descriptor->next = (uint16_t)(head + i + 1);
  }
}

/* §2.7.13 */
void virtqueue_submit(struct virtqueue *queue, const struct virtio_device *device,
                      uint16_t head, const struct buffer *buffers, int count) {
  chain(queue, head, buffers, count);
  struct available_ring *available = &queue->available;
  available->ring[available->index % QUEUE_ENTRIES] = head;
  /* Who sees the new index must see what it leads to; and the bell, which is I/O, comes last. */
  __asm__ volatile("fence w, w" : : : "memory");
  available->index++;
  __asm__ volatile("fence w, o" : : : "memory");
  virtio_write(device, QUEUE_NOTIFY, 0);
}

/* §2.7.14 */
int virtqueue_take(struct virtqueue *queue) {
  if (*(volatile uint16_t *)&queue->used.index == queue->seen)
    return -1;
  /* The index is read first, then what it leads to. */
  __asm__ volatile("fence r, r" : : : "memory");
  return (int)queue->used.ring[queue->seen++ % QUEUE_ENTRIES].head;
}
