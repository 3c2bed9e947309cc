/*
 * A disk is read and written. While a request is under way the hart sleeps, in
 * wait_until_done: with a breakpoint there, the view of devices shows what lies
 * in the queue; a step further, what has come of it.
 */
#include "block.h"
#include <rt/console.h>
#include <rt/printf.h>
#include <rt/string.h>

static char sector[SECTOR_BYTES];

static const char *name_of(enum block_status status) {
  if (status == BLOCK_OK)
    return "ok";
  return status == BLOCK_IO_ERROR ? "I/O error" : "unsupported";
}

static void read_and_show(uint64_t number) {
  memset(sector, 0, sizeof sector);
  enum block_status status = block_read(number, sector);
  printf("Sector %lu is read: %s\n", number, name_of(status));
  if (status == BLOCK_OK)
    printf("  %.*s", (int)sizeof sector, sector);
}

/*
 * What is written is on the disk for good once its cache is emptied, where it has
 * one (§5.2.6.2).
 */
static void write_and_flush(uint64_t number, const char *text) {
  memset(sector, 0, sizeof sector);
  strcpy(sector, text);
  enum block_status status = block_write(number, sector);
  printf("Sector %lu is written: %s\n", number, name_of(status));
  if (block_has_cache())
    printf("The cache is emptied: %s\n", name_of(block_flush()));
}

int main(void) {
  if (!block_start()) {
    puts("There is no virtio disk.");
    return 1;
  }
  uint64_t sectors = block_sectors();
  const char *has = block_has_cache() ? "with" : "without";
  printf("A disk of %lu sectors, %s a cache\n", sectors, has);
  read_and_show(0);
  write_and_flush(1, "This came from the driver.\n");
  read_and_show(1);
  read_and_show(sectors);
  printf("%lu interrupts\n", block_interrupts());
  return 0;
}
