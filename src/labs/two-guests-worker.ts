/** Runs the landing page's machine apart from the page; every message is a program, every answer its run. */
import { runTwoGuests, type TwoGuestsTexts } from './two-guests.ts';

self.onmessage = async ({ data }: MessageEvent<TwoGuestsTexts>) => {
  self.postMessage(await runTwoGuests(data));
};
