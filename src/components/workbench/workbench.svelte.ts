/** The workbench without lesson: which project lies on it, what became of what was done to it, and the way back. */
import { importFiles } from '../../labs/import-files.ts';
import type { Lesson } from '../../labs/lesson.ts';
import {
  type GuestTexts,
  lessonOf,
  type Project,
  projectBench,
  projectSlug,
  putFile,
  removeFile,
  renameFile,
  withTexts,
} from '../../labs/project.ts';
import type { Work } from '../../labs/session.ts';
import { readLink } from '../../labs/share-link.ts';
import { forgetPanes } from './bench-panes.svelte.ts';
import { BenchStore } from './bench-store.ts';
import type { Given } from './given-files.ts';
import type { Booted } from './machine-draft.ts';

export interface News {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  /** What lay there before. */
  readonly undo: Project | undefined;
}

const quiet: News = { done: [], refused: [], undo: undefined };

export class Workbench {
  /** Undefined until it is known what was kept. */
  project: Project | undefined = $state.raw(undefined);
  /** Counts projects that the lab has to be made anew for. */
  generation = $state(0);
  news: News = $state.raw(quiet);
  /** What the browser did not keep: texts, attachments. */
  private lostTexts = $state(false);
  private lostAttachments = $state(false);

  private readonly guests: GuestTexts;
  private readonly first: Project;
  private readonly store = new BenchStore();

  constructor(guests: GuestTexts, first: Project) {
    this.guests = guests;
    this.first = first;
  }

  get unkept(): boolean {
    return this.lostTexts || this.lostAttachments;
  }

  get lesson(): Lesson | undefined {
    return this.project && lessonOf(this.project, this.guests);
  }

  /** What was kept, or what a link brings: that which was there before can be brought back. */
  async open(fragment: string): Promise<void> {
    const kept = await this.store.read();
    const linked = await readLink(fragment);
    const own = typeof kept === 'object' ? kept : undefined;
    this.project = own ?? this.first;
    if (typeof kept === 'string') this.tell({ refused: [`Your kept work cannot be read. ${kept}`] });
    if (linked === undefined) return;
    if (linked.ok) this.replace(linked.project, ['This came with the link.'], own);
    else this.tell({ refused: [`The link brings nothing. ${linked.message} What you had is still here.`] });
  }

  /** Another project; the lab begins anew. One that brings views of its own is arranged for them. */
  replace(project: Project, done: readonly string[], undo: Project | undefined = this.project): void {
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
    this.lostTexts = !this.store.keepTexts(this.project);
    return !this.lostTexts;
  }

  retitle(title: string): void {
    if (this.project === undefined) return;
    this.project = { ...this.project, title };
    this.lostTexts = !this.store.keepTexts(this.project);
  }

  undo(): void {
    const { undo } = this.news;
    if (undo !== undefined) this.replace(undo, ['Brought back.']);
  }

  tell(news: Partial<News>): void {
    this.news = { ...quiet, ...news };
  }

  take({ files, folder }: Given): void {
    if (this.project === undefined) return;
    const { project, done, refused } = importFiles(this.project, files, folder);
    if (done.length > 0) this.replace(project, done);
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

  private keep(): void {
    const { project } = this;
    if (project === undefined) return;
    this.lostTexts = !this.store.keepTexts(project);
    void this.store.keepAttachments(project).then((kept) => {
      this.lostAttachments = !kept;
    });
  }
}
