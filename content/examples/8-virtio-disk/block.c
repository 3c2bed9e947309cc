#include "block.h"
#include "virtqueue.h"
#include <rt/csr.h>
#include <rt/harts.h>
#include <rt/plic.h>
#include <rt/spinlock.h>
#include <rt/trap.h>
#include <stddef.h>

/* §5.2.3 */
#define VIRTIO_BLK_F_FLUSH (1UL << 9)

enum request_type { REQUEST_READ = 0, REQUEST_WRITE = 1, REQUEST_FLUSH = 4 };

/* Begins each request. Data follows, and a byte for the status, which the device writes. */
struct request_header {
  uint32_t type;
  uint32_t reserved;
  uint64_t sector;
};

static struct virtio_device disk;
static struct virtqueue queue;
static volatile uint8_t status;
static volatile bool done;
static volatile unsigned long interrupts;

bool block_start(void) {
  if (!virtio_find(&disk, VIRTIO_BLOCK))
    return false;
  if (!virtio_negotiate(&disk, VIRTIO_F_VERSION_1 | VIRTIO_BLK_F_FLUSH))
    return false;
  if (!virtqueue_start(&queue, &disk))
    return false;
  virtio_start(&disk);
  trap_start();
  plic_enable(disk.interrupt);
  csr_set(mie, INTERRUPT_MEI);
  return true;
}

/* The configuration space begins with the capacity, 64 bits of it (§5.2.4). */
uint64_t block_sectors(void) {
  return (uint64_t)virtio_read(&disk, CONFIG + 4) << 32 | virtio_read(&disk, CONFIG);
}

bool block_has_cache(void) {
  return (disk.features & VIRTIO_BLK_F_FLUSH) != 0;
}

unsigned long block_interrupts(void) {
  return interrupts;
}

/*
 * The device keeps its line to the PLIC up until it is told that its interrupt
 * was seen (§4.2.3.4).
 */
static void interrupted(void) {
  interrupts++;
  virtio_write(&disk, INTERRUPT_ACK, virtio_read(&disk, INTERRUPT_STATUS));
  while (virtqueue_take(&queue) >= 0)
    done = true;
}

void trap_handler(struct trap_frame *frame) {
  if (!trap_is_interrupt(frame, MACHINE_EXTERNAL)) {
    trap_print(frame);
    exit(1);
  }
  unsigned which = plic_claim();
  if (which == disk.interrupt)
    interrupted();
  if (which != 0)
    plic_complete(which);
}

/*
 * Interrupts are off from the question until the sleep: one that was taken
 * between the two would be over before `wfi`, and nothing would end that. An
 * interrupt that is pending ends `wfi` even while it cannot be taken.
 */
static void wait_until_done(void) {
  bool were_on = interrupts_off();
  while (!done) {
    wait_for_interrupt();
    interrupts_on(); /* it is taken here */
    interrupts_off();
  }
  if (were_on)
    interrupts_on();
}

/* Without data, where `data` is NULL. */
static enum block_status request(enum request_type type, uint64_t sector, void *data) {
  struct request_header header = {.type = type, .sector = sector};
  struct buffer buffers[3];
  int count = 0;
  buffers[count++] = (struct buffer){&header, sizeof header, false};
  if (data != NULL)
    buffers[count++] = (struct buffer){data, SECTOR_BYTES, type == REQUEST_READ};
  buffers[count++] = (struct buffer){(void *)&status, sizeof status, true};
  status = BLOCK_PENDING;
  done = false;
  virtqueue_submit(&queue, &disk, 0, buffers, count);
  wait_until_done();
  return status;
}

enum block_status block_read(uint64_t sector, void *data) {
  return request(REQUEST_READ, sector, data);
}

enum block_status block_write(uint64_t sector, const void *data) {
  return request(REQUEST_WRITE, sector, (void *)data);
}

enum block_status block_flush(void) {
  return block_has_cache() ? request(REQUEST_FLUSH, 0, NULL) : BLOCK_OK;
}
