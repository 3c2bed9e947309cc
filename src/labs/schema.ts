/**
 * What pages check data with: Zod's small edition, of which only what is used is loaded, saying in English what is wrong.
 */
import { config, locales } from 'zod/mini';

config(locales.en());

export * from 'zod/mini';
