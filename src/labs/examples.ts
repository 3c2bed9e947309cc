/** Programs that a workbench can start from: a folder of `content/examples` with `example.yaml` and the files it names. */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { machineSchema, settingsOf } from './machine-settings.ts';
import { emptyProject, type Project } from './project.ts';

const schema = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  machine: machineSchema,
  files: z.array(z.string()).min(1),
  open: z.string(),
  views: z.array(z.string()).max(3),
  /** What its run gives: tests hold it to that. */
  gives: z.strictObject({ console: z.string(), code: z.int() }),
});

export interface Example {
  readonly name: string;
  readonly summary: string;
  readonly project: Project;
  readonly gives: { readonly console: string; readonly code: number };
}

/** Throws, with the folder's name, if the example is not as it should be: examples are the project's own. */
export function readExample(name: string, texts: Readonly<Record<string, string>>): Example {
  const parsed = schema.safeParse(parseYaml(texts['example.yaml'] ?? ''));
  if (!parsed.success) throw new Error(`content/examples/${name}/example.yaml: ${z.prettifyError(parsed.error)}`);
  const { title, summary, machine, files: names, open, views, gives } = parsed.data;
  const files = names.map((file) => {
    const text = texts[file];
    if (text === undefined) throw new Error(`content/examples/${name} has no file ${file}`);
    return { name: file, text };
  });
  if (!names.includes(open)) throw new Error(`content/examples/${name}: \`open\` names none of its files`);
  const settings = settingsOf(machine);
  const start = { ...emptyProject, title, files, machine: settings, views, open };
  return { name, summary, project: start, gives };
}
