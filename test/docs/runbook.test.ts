// Every message that wakes somebody names a section of the runbook: each is there, and says what a person needs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalNames } from '../../core/incident/signals';
import { keyAlarms } from '../../lib/alarms/key-alarms';
import { root } from './documents';

const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map(section => [section.slice(0, section.indexOf('\n')), section]),
);

/** As named by messages and alarms anywhere in the sources. */
const named = ['core', 'lambda', 'lib']
  .flatMap(folder => sourcesOf(join(root, folder)))
  .flatMap(text => [...text.matchAll(/runbookSection\('([\w-]+)'\)|docs\/runbook\.md#([\w-]+)/g)])
  .map(([, called, written]) => (called ?? written)!);

test.each([...new Set([...signalNames, ...Object.keys(keyAlarms), ...named])])('%s has a section', name => {
  expect([...sections.keys()]).toContain(name);
});

test('messages do name sections', () => {
  expect(new Set(named).size).toBeGreaterThanOrEqual(6);
});

test.each([...sections].filter(([name]) => name !== 'First look'))(
  '%s says what it means, what was done, what to check and how to undo it',
  (_, text) => {
    for (const part of ['**Means:**', '**Done already:**', '**Check:**', '**Undo:**'])
      expect(text).toContain(part);
  },
);

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(folder, file), 'utf8'));
}

test('what an engineer copies from the first page starts as it is', () => {
  const [firstPage] = runbook.split('\n## auth-failures');
  const copied = firstPage!.match(/(?<=^|`)(npx )?keyturn [a-z-]+ .*(--env|prod\/)/gm) ?? [];
  expect(copied.length).toBeGreaterThanOrEqual(8);
  expect(copied.filter(command => !command.startsWith('npx '))).toEqual([]);
});
