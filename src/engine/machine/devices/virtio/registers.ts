/** The registers of virtio over MMIO, version 2 and legacy: Virtio 1.3 §4.2.2, §4.2.4. */

export const magic = 0x7472_6976;
export const vendor = 0x554d_4551;
/** §2.1. */
export const deviceStatus = {
  acknowledge: 1,
  driver: 2,
  driverOk: 4,
  featuresOk: 8,
  needsReset: 64,
  failed: 128,
} as const;
export const interruptCause = { used: 1, configuration: 2 } as const;

export const register = {
  magic: 0x00,
  version: 0x04,
  deviceId: 0x08,
  vendor: 0x0c,
  deviceFeatures: 0x10,
  deviceFeaturesSelect: 0x14,
  driverFeatures: 0x20,
  driverFeaturesSelect: 0x24,
  guestPageSize: 0x28,
  queueSelect: 0x30,
  queueSizeMax: 0x34,
  queueSize: 0x38,
  queueAlign: 0x3c,
  queuePage: 0x40,
  queueReady: 0x44,
  queueNotify: 0x50,
  interruptStatus: 0x60,
  interruptAck: 0x64,
  status: 0x70,
  queueTable: 0x80,
  queueDriver: 0x90,
  queueDevice: 0xa0,
  sharedLength: 0xb0,
  sharedBase: 0xb8,
  generation: 0xfc,
  config: 0x100,
} as const;

export type TransportVersion = 1 | 2;
