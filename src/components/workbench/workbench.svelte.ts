/** The workbench without lesson: which work lies on it, what became of what was done to it, and the way back. */
import { importFiles } from '../../labs/import-files.ts';
import type { Lesson } from '../../labs/lesson.ts';
import {
  emptyProject,
  type GuestTexts,
  lessonOf,
  type Project,
  projectBench,
  projectSlug,
  putFile,
  removeFile,
  renameFile,
  withTexts,
  writeProject,
} from '../../labs/project.ts';
import type { Work } from '../../labs/session.ts';
import { readLink } from '../../labs/share-link.ts';
import { forgetPanes } from './bench-panes.svelte.ts';
import { BenchStore } from './bench-store.ts';
import type { Given } from './given-files.ts';
import { idOf, type KeptWork, keptWorks, newId, openWork, rememberOpen } from './kept-works.ts';
import type { Booted } from './machine-draft.ts';

/** What lay there before, and where it is kept. */
interface Before {
  readonly project: Project;
  readonly store: BenchStore;
}

export interface News {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  readonly undo: Before | undefined;
}

const quiet: News = { done: [], refused: [], undo: undefined };

/** What was written: not how it is looked at. */
const written = (project: Project): string =>
  writeProject({ ...project, attachments: [], views: [], open: '', breakpoints: [], watchpoints: [] });

export class Workbench {
  /** Undefined until it is known what was kept. */
  project: Project | undefined = $state.raw(undefined);
  /** Counts projects that the lab has to be made anew for. */
  generation = $state(0);
  news: News = $state.raw(quiet);
  /** All that this browser keeps. */
  works: readonly KeptWork[] = $state.raw([]);
  /** Another tab has changed this work; until somebody says which one is meant, nothing is kept. */
  elsewhere = $state(false);
  /** What the browser did not keep: texts, attachments. */
  private lostTexts = $state(false);
  private lostAttachments = $state(false);
  private store: BenchStore = $state.raw(new BenchStore(openWork()));

  private readonly guests: GuestTexts;
  /** What one may start from; the first is there when nothing was kept. */
  private readonly starts: readonly Project[];

  constructor(guests: GuestTexts, starts: readonly Project[]) {
    this.guests = guests;
    this.starts = [...starts, emptyProject];
  }

  get unkept(): boolean {
    return this.lostTexts || this.lostAttachments;
  }

  get id(): string {
    return this.store.id;
  }

  get lesson(): Lesson | undefined {
    return this.project && lessonOf(this.project, this.guests);
  }

  private get first(): Project {
    return this.starts[0] ?? emptyProject;
  }

  /** What was kept, or what a link brings, beside it. */
  async open(fragment: string): Promise<void> {
    const kept = await this.store.read();
    const linked = await readLink(fragment);
    this.project = kept?.ok === true ? kept.project : this.first;
    if (kept?.ok === false) this.setAside(kept.message);
    else if (kept?.whole === false) this.missAttachments();
    rememberOpen(this.id);
    this.refresh();
    if (linked === undefined) return;
    if (linked.ok) this.begin(linked.project, ['This came with the link.'], kept !== undefined);
    else this.tell({ refused: [`The link brings nothing. ${linked.message} What you had is still here.`] });
  }

  /** A work of its own. The one that was there stays kept, unless it is as it was started from. */
  begin(project: Project, done: readonly string[], canUndo = true): void {
    const before = this.before();
    if (!this.isUntouched()) this.turnTo(new BenchStore(newId()));
    this.replace(project, done, canUndo ? before : undefined);
  }

  /** Another project in place of the one that is there; the lab begins anew. One with views of its own is arranged for them. */
  replace(project: Project, done: readonly string[], undo: Before | undefined = this.before()): void {
    if (project.views !== this.project?.views) forgetPanes(projectSlug, projectBench);
    this.project = project;
    this.generation++;
    this.news = { ...quiet, done, undo };
    this.keep();
  }

  /** The same with other texts: the lab goes on. Gives whether it was kept. */
  rework({ texts, breakpoints, watchpoints, bookmarks }: Work): boolean {
    if (this.project === undefined) return true;
    this.project = { ...withTexts(this.project, texts), breakpoints, watchpoints, bookmarks };
    return this.keepTexts(this.project);
  }

  retitle(title: string): void {
    if (this.project === undefined) return;
    this.project = { ...this.project, title };
    this.keepTexts(this.project);
    this.refresh();
  }

  /** The views that are open now. */
  review(views: readonly string[]): void {
    if (this.project === undefined) return;
    this.project = { ...this.project, views };
    this.keepTexts(this.project);
  }

  undo(): void {
    const { undo } = this.news;
    if (undo === undefined) return;
    const begun = this.store;
    const forgotten = begun !== undo.store && this.isUntouched();
    this.turnTo(undo.store);
    this.replace(undo.project, ['Brought back.'], undefined);
    if (forgotten) void begun.forget().then(() => this.refresh());
  }

  /** One of those that are kept. */
  async show(id: string): Promise<void> {
    const store = new BenchStore(id);
    const kept = await store.read();
    if (kept?.ok !== true) {
      const why = kept === undefined ? 'It is no longer kept.' : kept.message;
      this.tell({ refused: [`This work cannot be opened. ${why}`] });
      return;
    }
    this.turnTo(store);
    this.replace(kept.project, [`Opened “${kept.project.title || 'Untitled work'}”.`], undefined);
    if (!kept.whole) this.missAttachments();
  }

  /** The work that is open goes; another one that is kept takes its place. */
  async discard(): Promise<void> {
    const before = this.before();
    if (before === undefined) return;
    await before.store.forget();
    const [next] = keptWorks();
    if (next === undefined) {
      this.turnTo(new BenchStore(newId()));
      this.replace(this.first, [], undefined);
    } else await this.show(next.id);
    this.tell({ done: [`Deleted “${before.project.title || 'Untitled work'}”.`], undo: before });
  }

  /** The browser's storage has changed in another tab. */
  hear(key: string | null): void {
    if (key !== null && idOf(key) === undefined) return;
    this.refresh();
    if (this.store.isBehind) this.elsewhere = true;
  }

  /** What the other tab has made of it; what is here becomes a work of its own if it is brought back. */
  async takeOther(): Promise<void> {
    const here = this.project;
    const kept = await this.store.read();
    if (kept?.ok !== true || here === undefined) return;
    const undo = { project: here, store: new BenchStore(newId()) };
    this.replace(kept.project, ['This is what the other tab has.'], undo);
  }

  /** What is here becomes a work of its own. */
  keepOwn(): void {
    if (this.project === undefined) return;
    this.turnTo(new BenchStore(newId()));
    this.keep();
    this.tell({ done: ['What is here is a work of its own now; give it a title to tell them apart.'] });
  }

  tell(news: Partial<News>): void {
    this.news = { ...quiet, ...news };
  }

  take({ files, folder }: Given): void {
    if (this.project === undefined) return;
    const { project, done, refused, whole } = importFiles(this.project, files, folder);
    if (whole) this.begin(project, done);
    else if (done.length > 0) this.replace(project, done);
    this.news = { ...(done.length > 0 ? this.news : quiet), refused };
  }

  setMachine(booted: Partial<Booted>): void {
    this.change((project) => ({ ...project, ...booted }), 'The machine is another one now; it starts anew.');
  }

  add(name: string): void {
    this.change((project) => putFile(project, { name, text: '' }), `Added ${name}.`);
  }

  rename(from: string, to: string): void {
    this.change((project) => renameFile(project, from, to), `${from} is ${to} now.`);
  }

  remove(name: string): void {
    this.change((project) => removeFile(project, name), `Deleted ${name}.`);
  }

  private change(how: (project: Project) => Project, done: string): void {
    if (this.project !== undefined) this.replace(how(this.project), [done]);
  }

  private turnTo(store: BenchStore): void {
    this.store = store;
    rememberOpen(store.id);
  }

  private before(): Before | undefined {
    return this.project && { project: this.project, store: this.store };
  }

  /** It is as it was started from: nobody would miss it. */
  private isUntouched(): boolean {
    const { project } = this;
    if (project === undefined) return true;
    return project.attachments.length === 0 && this.starts.some((each) => written(each) === written(project));
  }

  /** What cannot be read stays where it is: another Guesthouse may be able to. */
  private setAside(why: string): void {
    this.turnTo(new BenchStore(newId()));
    this.tell({ refused: [`Your kept work cannot be read. ${why} It stays kept; this is another one.`] });
  }

  private missAttachments(): void {
    this.tell({ refused: ['What was attached (a disk, a kernel) cannot be read from this browser’s storage.'] });
  }

  private keepTexts(project: Project): boolean {
    const keeping = this.store.keepTexts(project);
    this.elsewhere = keeping === 'elsewhere';
    this.lostTexts = keeping === 'refused';
    return keeping === 'kept';
  }

  private keep(): void {
    const { project, store } = this;
    if (project === undefined) return;
    const kept = this.keepTexts(project);
    this.refresh();
    if (!kept) return;
    void store.keepAttachments(project).then((all) => {
      this.lostAttachments = !all;
    });
  }

  private refresh(): void {
    this.works = keptWorks();
  }
}
