// Files that hold keys: the value alone, or a template filled in. Whoever reads one finds the old content or the new one, whole.
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KeyturnError } from '../../core/errors';

/** What a file is made of: `{{NAME}}` stands for the value of a variable, `{{NAME|json}}` for the same within a string of JSON. */
export interface KeyFile {
  path: string;
  template: string;
}

const placeholder = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*(\w+)\s*)?\}\}/g;

/**
 * @param file `path=VARIABLE`: a file with the value alone
 * @param known the variables that there are
 * @throws {KeyturnError} usage
 */
export function parseFile(file: string, known: readonly string[]): KeyFile {
  const [, path = '', name = ''] = /^(.+)=([^=]*)$/.exec(file) ?? [];
  if (!path)
    throw new KeyturnError(
      'usage',
      `--file "${file}" is not path=VARIABLE; give one such as /run/keys/token=API_TOKEN`,
    );
  mustBeKnown(`--file "${file}"`, name, known);
  return { path, template: `{{${name}}}` };
}

/**
 * @param text `template=path`: a file that is filled in, and where it goes
 * @throws {KeyturnError} usage, where it cannot be read or asks for what there is not
 */
export function parseTemplate(text: string, known: readonly string[]): KeyFile {
  const [, source = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!path)
    throw new KeyturnError(
      'usage',
      `--template "${text}" is not template=path; give one such as app.tpl=/run/keys/app.json`,
    );
  const template = readTemplate(source);
  const names = [...template.matchAll(placeholder)];
  if (!names.length)
    throw new KeyturnError(
      'usage',
      `${source} has no {{VARIABLE}}, so no key would be written into it; use one of ${known.join(', ')}`,
    );
  for (const [whole, name = '', filter] of names) {
    mustBeKnown(`${source} has ${whole}`, name, known);
    if (filter !== undefined && filter !== 'json')
      throw new KeyturnError(
        'usage',
        `${source} has ${whole}, and "${filter}" is unknown; "json" is the only filter`,
      );
  }
  return { path, template };
}

function readTemplate(source: string): string {
  try {
    return readFileSync(source, 'utf8');
  } catch (error) {
    throw new KeyturnError(
      'usage',
      `${source} cannot be read (${(error as NodeJS.ErrnoException).code}); check --template`,
    );
  }
}

function mustBeKnown(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new KeyturnError(
    'usage',
    `${what}: "${name}" is not a variable of this server; use one of ${known.join(', ')}`,
  );
}

/** @throws {KeyturnError} refused, where it cannot be written; the file that was there before stays */
export function writeKeyFile({ path, template }: KeyFile, values: NodeJS.ProcessEnv): void {
  const content = template.replace(placeholder, (_whole, name: string, filter: string | undefined) => {
    const value = values[name] ?? '';
    return filter === 'json' ? JSON.stringify(value).slice(1, -1) : value;
  });
  // In the same folder, since only there a rename is one step.
  const fresh = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = openSync(fresh, 'wx', 0o600);
    try {
      // What the umask took away, its owner still needs.
      chmodSync(fresh, 0o600);
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyturnError(
      'refused',
      `${path} cannot be written (${code}); its folder has to exist and be writable`,
    );
  }
}
