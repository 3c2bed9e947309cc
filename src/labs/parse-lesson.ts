/** A lesson's folder → a lesson, or everything that is wrong with it. */
import { readCells } from './cells.ts';
import { type FrontMatter, type ReadFrontMatter, readFrontMatter } from './front-matter.ts';
import type { LibraryTexts } from './guest-library.ts';
import type { Lesson, LessonFile, LessonFolder, ParsedLesson, Problem } from './lesson.ts';
import { settingsOf } from './machine-settings.ts';
import { didYouMean } from './suggest.ts';

const opening = /^---\r?\n/;

/** What stands beside the lessons of a course. */
export interface Course {
  /** What lessons may show, by the names of the folders in src/visualizers. */
  readonly views: readonly string[];
  /** What a lesson that uses the guest library takes along. */
  readonly library?: LibraryTexts;
}

/** `slug`: the folder's name; problems name files by their path within content/lessons. */
export function parseLesson(slug: string, folder: LessonFolder, { views, library = {} }: Course): ParsedLesson {
  const file = `${slug}/index.md`;
  const source = folder.get('index.md');
  if (source === undefined) {
    return failed([
      { file, line: 1, column: 1, message: 'There is no index.md.', fix: 'Write one; docs/lesson-format.md says how.' },
    ]);
  }
  const end = source.indexOf('\n---', 3);
  if (!opening.test(source) || end < 0) {
    const message = 'The lesson does not begin with front matter.';
    return failed([
      { file, line: 1, column: 1, message, fix: 'Begin with a line `---`, YAML, and another line `---`.' },
    ]);
  }
  const yaml = source.slice(source.indexOf('\n') + 1, end + 1);
  const front = readFrontMatter(yaml, file, 2);
  const { value } = front;
  if (value === undefined) return failed(front.problems);
  const { cells, measures, problems } = readCells(source, file, {
    files: value.files.filter(({ mode }) => mode !== 'hidden').map(({ name }) => name),
    runs: Object.keys(value.runs),
    views,
  });
  const all = [
    ...front.problems,
    ...referenceProblems(value, front),
    ...folderProblems(value, folder, front),
    ...problems,
  ];
  if (all.length > 0) return failed(all);
  const lesson = toLesson(slug, value, folder, { cells, measures });
  return { ok: true, lesson: { ...lesson, ...(value.uses === 'rt' && { library }) } };
}

function failed(problems: readonly Problem[]): ParsedLesson {
  return { ok: false, problems: [...problems].sort((a, b) => a.line - b.line || a.column - b.column) };
}

function toLesson(
  slug: string,
  value: FrontMatter,
  folder: LessonFolder,
  body: Pick<Lesson, 'cells' | 'measures'>,
): Lesson {
  return {
    slug,
    title: value.title,
    summary: value.summary,
    version: value.version,
    minutes: value.minutes,
    machine: settingsOf(value.machine),
    files: value.files.map((each): LessonFile => ({ ...each, text: folder.get(`start/${each.name}`) ?? '' })),
    runs: Object.entries(value.runs).map(([name, run]) => ({ name, ...run })),
    checks: value.checks,
    wrong: value.wrong,
    ...body,
  };
}

function referenceProblems(value: FrontMatter, { problemAt }: ReadFrontMatter): Problem[] {
  const problems: Problem[] = [];
  const runs = Object.keys(value.runs);
  const ids = value.checks.map(({ id }) => id);
  const names = value.files.map(({ name }) => name);
  const disk = value.machine.disk?.file;
  if (disk !== undefined && !names.includes(disk)) {
    const message = `There is no file \`${disk}\` for the disk.`;
    problems.push(problemAt(['machine', 'disk', 'file'], message, didYouMean(disk, names)));
  }
  value.checks.forEach(({ id, run, hints }, index) => {
    if (ids.indexOf(id) !== index) {
      problems.push(problemAt(['checks', index, 'id'], `The check \`${id}\` stands twice.`, 'Give each its own id.'));
    }
    if (!runs.includes(run)) {
      problems.push(problemAt(['checks', index, 'run'], `There is no run \`${run}\`.`, didYouMean(run, runs)));
    }
    const hintIds = hints.map((hint) => hint.id);
    hintIds.forEach((hintId, at) => {
      if (hintIds.indexOf(hintId) === at) return;
      problems.push(
        problemAt(['checks', index, 'hints', at], `The hint \`${hintId}\` stands twice.`, 'Give each its own id.'),
      );
    });
  });
  value.wrong.forEach(({ check, hint }, index) => {
    const named = value.checks.find(({ id }) => id === check);
    if (named === undefined) {
      problems.push(problemAt(['wrong', index, 'check'], `There is no check \`${check}\`.`, didYouMean(check, ids)));
      return;
    }
    const hints = named.hints.map(({ id }) => id);
    if (hints.includes(hint)) return;
    problems.push(
      problemAt(['wrong', index, 'hint'], `\`${check}\` has no hint \`${hint}\`.`, didYouMean(hint, hints)),
    );
  });
  return problems;
}

function folderProblems(value: FrontMatter, folder: LessonFolder, { problemAt }: ReadFrontMatter): Problem[] {
  const problems: Problem[] = [];
  const names = value.files.map(({ name }) => name);
  value.files.forEach(({ name }, index) => {
    if (folder.has(`start/${name}`)) return;
    problems.push(
      problemAt(['files', index, 'name'], `start/${name} does not exist.`, 'Write it, or take it off the list.'),
    );
  });
  for (const path of folder.keys()) {
    const [, place, name] = /^(start|solution|right\/[^/]+|wrong\/[^/]+)\/(.+)$/.exec(path) ?? [];
    if (place === undefined || name === undefined || names.includes(name) || name === 'answers.yaml') continue;
    problems.push(problemAt(['files'], `${path} is not among the lesson’s files.`, didYouMean(name, names)));
  }
  const folders = new Set([...folder.keys()].flatMap((path) => /^wrong\/([^/]+)\//.exec(path)?.[1] ?? []));
  value.wrong.forEach(({ name }, index) => {
    if (folders.delete(name)) return;
    problems.push(
      problemAt(['wrong', index, 'name'], `There is no folder wrong/${name}.`, didYouMean(name, [...folders])),
    );
  });
  for (const name of folders) {
    const fix = `Add \`- { name: ${name}, check: …, hint: … }\` under \`wrong:\`.`;
    problems.push(problemAt(['wrong'], `wrong/${name} is not listed.`, fix));
  }
  return problems;
}
