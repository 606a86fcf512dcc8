// What surrounds the code: workflows, issue forms, and the one address of the repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { bugs, engines, homepage, repository } from '../../package.json';
import { root } from './documents';
import { commandsOf, faultOf } from './shell';

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  jobs: Record<string, { steps: Step[]; strategy?: { matrix: { node: number[] } } }>;
}
interface Form {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: { label?: string } }[];
}

/** Throws on a key that is there twice. */
const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'), { strict: true });
const filesOf = (folder: string) => readdirSync(join(root, folder)).map(file => join(folder, file));
const workflows = filesOf('.github/workflows').map((file): [string, Workflow] => [file, read(file)]);
const steps = workflows.flatMap(([, { jobs }]) => Object.values(jobs).flatMap(job => job.steps));

test('workflows use actions by their major version at least, and run commands that there are', async () => {
  const actions = steps.flatMap(({ uses = [] }) => uses);
  expect(actions.length).toBeGreaterThan(3);
  expect(actions.filter(action => !/^[\w-]+\/[\w-]+@(v\d|[0-9a-f]{40})/.test(action))).toEqual([]);
  const commands = steps
    .flatMap(({ run = '' }) => commandsOf(run))
    .filter(each => /^(npm|\.ci)\b/.test(each));
  expect(commands).toEqual(expect.arrayContaining(['.ci/run', 'npm run sbom']));
  const faults = commands.map(each => (each.startsWith('.ci/') ? missing(each) : faultOf(each)));
  expect((await Promise.all(faults)).filter(Boolean)).toEqual([]);
});

test('the gate runs on every even major of Node from the oldest that is supported', () => {
  const [, { jobs }] = workflows.find(([file]) => file.endsWith('check.yml'))!;
  const tried = jobs.gate!.strategy!.matrix.node;
  expect(tried).toEqual(tried.map((_, index) => Number(/\d+/.exec(engines.node)![0]) + 2 * index));
  expect(tried.length).toBeGreaterThan(2);
});

test.each(filesOf('.github/ISSUE_TEMPLATE').filter(file => !file.endsWith('config.yml')))(
  '%s is a form',
  file => {
    const { name, description, body } = read(file) as Form;
    expect([name, description]).toEqual([expect.any(String), expect.any(String)]);
    const fields = body.filter(({ type }) => type !== 'markdown');
    expect(fields.map(({ type }) => type)).toEqual(
      fields.map(() => expect.stringMatching(/^(input|textarea|dropdown|checkboxes)$/)),
    );
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(fields.filter(({ attributes }) => !attributes.label)).toEqual([]);
  },
);

test('everything names one repository', () => {
  const [, address] = /^git\+(https:.*)\.git$/.exec(repository.url)!;
  expect([homepage, bugs]).toEqual([`${address}#readme`, `${address}/issues`]);
  const { contact_links } = read('.github/ISSUE_TEMPLATE/config.yml');
  expect(contact_links[0].url).toBe(`${address}/security/advisories/new`);
});

function missing(file: string): string | undefined {
  return existsSync(join(root, file)) ? undefined : `there is no ${file}`;
}
