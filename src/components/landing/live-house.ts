/** Brings the landing page's house to life: runs what the visitor wrote, plays it, and lets it be scrubbed. */

import guests from '../../../content/guests/two-guests/guests.S?raw';
import hypervisor from '../../../content/guests/two-guests/hypervisor.S?raw';
import type { TwoGuestsRun, TwoGuestsTexts } from '../../labs/two-guests.ts';
import { grouped } from '../grouped.ts';
import { onThemeChange } from '../theme.ts';
import { drawTimeline } from '../timeline/draw.ts';
import { layoutTimeline, positionOf } from '../timeline/layout.ts';
import { atTip } from '../timeline/model.ts';
import { type Scene, type Story, sayMistake, sayScene, sceneAt, storyOf, verdictOf } from './story.ts';

const stepsPerMillisecond = 2.5;
const editDelay = 250;
/** Characters of a guest's paper that are in sight. */
const paperLength = 150;

function find<T extends Element>(place: HTMLElement, selector: string): T {
  const found = place.querySelector<T>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

export function openLiveHouse(place: HTMLElement): void {
  new LiveHouse(place).open();
}

class LiveHouse {
  private readonly place: HTMLElement;
  private readonly text: HTMLTextAreaElement;
  private readonly time: HTMLElement;
  private readonly play: HTMLButtonElement;
  private readonly reset: HTMLButtonElement;
  private readonly starter: string;
  private worker: Worker | undefined;
  private story: Story | undefined;
  private position = 0;
  private playing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: HTMLElement) {
    this.place = place;
    this.text = find(place, 'textarea');
    this.time = find(place, '[data-time]');
    this.play = find(place, '[data-play]');
    this.reset = find(place, '[data-reset]');
    this.starter = this.text.value;
  }

  open(): void {
    this.text.addEventListener('input', () => this.edited());
    this.play.addEventListener('click', () => this.toggle());
    this.reset.addEventListener('click', () => {
      this.text.value = this.starter;
      this.edited();
      this.text.focus();
    });
    this.listenToTime();
    onThemeChange(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.time);
    this.run();
  }

  private edited(): void {
    this.reset.hidden = this.text.value === this.starter;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), editDelay);
  }

  /** A new worker for each run: whatever the handler makes of the machine, the last edit is what is heard. */
  private run(): void {
    this.worker?.terminate();
    const worker = new Worker(new URL('../../labs/two-guests-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<TwoGuestsRun>) => this.ran(data);
    worker.onerror = () => this.say('The machine could not be started here. The lessons may still work.', true);
    this.worker = worker;
    const texts: TwoGuestsTexts = {
      'hypervisor.S': hypervisor,
      'guests.S': guests,
      'handler.inc': `${this.text.value}\n`,
    };
    worker.postMessage(texts);
  }

  private ran(run: TwoGuestsRun): void {
    if (!run.ok) {
      this.say(sayMistake(run.diagnostics), true);
      return;
    }
    this.story = storyOf({ words: run.words }, run.steps, run.end, run.second);
    this.say(verdictOf(this.story), false);
    this.play.disabled = false;
    this.draw();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.visit(still ? run.steps : 0);
    this.setPlaying(!still);
  }

  private say(words: string, wrong: boolean): void {
    const says = find<HTMLElement>(this.place, '[data-says]');
    says.textContent = words;
    says.classList.toggle('wrong', wrong);
  }

  private toggle(): void {
    if (!this.playing && this.position >= (this.story?.steps ?? 0)) this.visit(0);
    this.setPlaying(!this.playing);
  }

  private setPlaying(playing: boolean): void {
    const begins = playing && !this.playing;
    this.playing = playing;
    this.play.textContent = playing ? 'Pause' : 'Play';
    if (begins) requestAnimationFrame((now) => this.frame(now));
  }

  private frame(before: number): void {
    requestAnimationFrame((now) => {
      if (!this.playing || this.story === undefined) return;
      this.visit(this.position + (now - before) * stepsPerMillisecond);
      if (this.position >= this.story.steps) this.setPlaying(false);
      else this.frame(now);
    });
  }

  private visit(position: number): void {
    const { story } = this;
    if (story === undefined) return;
    this.position = Math.max(0, Math.min(story.steps, position));
    this.show(story, sceneAt(story, this.position));
  }

  private show(story: Story, scene: Scene): void {
    const { place, time } = this;
    const step = Math.round(this.position);
    const words = sayScene(scene);
    place.style.setProperty('--here', `${(100 * this.position) / Math.max(1, story.steps)}%`);
    time.setAttribute('aria-valuemax', String(story.steps));
    time.setAttribute('aria-valuenow', String(step));
    time.setAttribute('aria-valuetext', `step ${grouped(step)}: ${words}`);
    const set = (selector: string, text: string): void => {
      const element = find<HTMLElement>(place, selector);
      if (element.textContent !== text) element.textContent = text;
    };
    for (const guest of [0, 1] as const) {
      set(`[data-printed="${guest}"]`, scene.printed[guest].slice(-paperLength));
      set(`[data-calls="${guest}"]`, counted(scene.counts.hypercalls[guest], 'hypercall'));
    }
    this.light(scene);
    set('[data-turns]', counted(scene.counts.turns, 'turn'));
    set('[data-scene]', words);
    set('[data-step]', `step ${grouped(step)} of ${grouped(story.steps)}`);
  }

  /** While it plays, the light stays with the guest whose turn it is: following every trap it would flash. */
  private light({ mode, guest }: Scene): void {
    const inGuest = mode >= 4 || (this.playing && mode !== 3);
    const lights: Readonly<Record<string, boolean>> = {
      '[data-room="0"]': inGuest && guest === 0,
      '[data-room="1"]': inGuest && guest === 1,
      '[data-floor="S"]': !inGuest && mode === 1,
      '[data-floor="M"]': mode === 3,
    };
    for (const [selector, lit] of Object.entries(lights)) find(this.place, selector).classList.toggle('lit', lit);
  }

  private draw(): void {
    const { story } = this;
    const { clientWidth: width, clientHeight: height } = this.time;
    if (story === undefined || width === 0) return;
    const layout = layoutTimeline(atTip(story.timeline, story.steps, [3]), story.steps, width);
    drawTimeline(find(this.time, 'canvas'), layout, width, height);
  }

  private listenToTime(): void {
    const { time } = this;
    const follow = (event: PointerEvent): void => {
      const box = time.getBoundingClientRect();
      this.visit(positionOf(event.clientX - box.left, this.story?.steps ?? 0, box.width));
    };
    time.addEventListener('pointerdown', (event) => {
      time.setPointerCapture(event.pointerId);
      this.setPlaying(false);
      follow(event);
    });
    time.addEventListener('pointermove', (event) => {
      if (time.hasPointerCapture(event.pointerId)) follow(event);
    });
    time.addEventListener('keydown', (event) => {
      const target = this.target(event.key);
      if (target === undefined) return;
      event.preventDefault();
      this.setPlaying(false);
      this.visit(target);
    });
  }

  /** Arrows go from trap to trap. */
  private target(key: string): number | undefined {
    const { scenes = [], steps = 0 } = this.story ?? {};
    const crossings = scenes.filter(({ cause }) => cause !== undefined).map(({ position }) => position);
    const targets: Readonly<Record<string, number | undefined>> = {
      ArrowRight: crossings.find((position) => position > this.position) ?? steps,
      ArrowLeft: crossings.findLast((position) => position < this.position) ?? 0,
      Home: 0,
      End: steps,
    };
    return targets[key];
  }
}
