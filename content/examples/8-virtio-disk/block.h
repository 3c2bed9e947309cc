/* A disk of sectors (§5.2). One request is under way at a time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { SECTOR_BYTES = 512 };

/* §5.2.6; BLOCK_PENDING, which no device says, is the driver's own. */
enum block_status {
  BLOCK_OK = 0,
  BLOCK_IO_ERROR = 1,
  BLOCK_UNSUPPORTED = 2,
  BLOCK_PENDING = 0xff,
};

/* False if there is no disk, or none that this driver can use. */
bool block_start(void);

uint64_t block_sectors(void);
/* The disk keeps what is written in a cache, and block_flush empties it. */
bool block_has_cache(void);
/* Interrupts so far. */
unsigned long block_interrupts(void);

/* `sector` counts from 0. */
enum block_status block_read(uint64_t sector, void *data);
enum block_status block_write(uint64_t sector, const void *data);
enum block_status block_flush(void);
