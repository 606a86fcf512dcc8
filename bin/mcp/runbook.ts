// The runbook in sections, as messages and findings name them: docs/runbook.md#rotation-failed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyturnError } from '../../core/errors';
import { nearest } from '../../core/key/nearest';
import { shippedRunbook } from '../../core/notices/notice';

export interface Section {
  /** `rotation-failed` */
  section: string;
  title: string;
  text: string;
}

/** In the package, everything is one file in the folder beside docs. */
const root = join(__dirname, __filename.endsWith('.ts') ? '../..' : '..');

export function runbookSections(): Section[] {
  const [, ...parts] = readFileSync(join(root, shippedRunbook), 'utf8').split(/^## /m);
  return parts.map(part => {
    const [title = '', ...lines] = part.split('\n');
    return { section: anchorOf(title), title, text: lines.join('\n').trim() };
  });
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

/** @param named `rotation-failed`, or as messages write it. @throws {KeyturnError} usage */
export function findSection(named: string): Section {
  const sections = runbookSections();
  const wanted = named.replace(/^.*#/, '');
  const found = sections.find(({ section }) => section === wanted);
  if (found) return found;
  const names = sections.map(({ section }) => section);
  const close = nearest(wanted, names);
  throw new KeyturnError(
    'usage',
    `section: "${wanted}" is not a section of the runbook; ${close ? `did you mean "${close}"?` : `use one of ${names.join(', ')}`}`,
  );
}
