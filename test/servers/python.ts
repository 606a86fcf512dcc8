// Python with packages of PyPI in an environment of its own, made once a machine where that is possible.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patience = { timeout: 600_000 };
type Made = { python: string } | { skipped: string };
/** Lanes that run at the same time need the same. */
const making = new Map<string, Promise<Made>>();

/** @returns the interpreter, or in words why there is none */
export function pythonWith(...requirements: string[]): Promise<Made> {
  const known = making.get(requirements.join()) ?? makePython(requirements);
  making.set(requirements.join(), known);
  return known;
}

async function makePython(requirements: readonly string[]): Promise<Made> {
  const name = createHash('sha256').update(requirements.join()).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `keyturn-python-${name}`);
  const python = join(folder, 'bin/python');
  if (await exists(python)) return { python };
  const version = await run(
    'python3',
    ['-c', 'import sys; print(sys.version_info >= (3, 10))'],
    patience,
  ).catch(() => undefined);
  if (!version?.stdout.startsWith('True'))
    return { skipped: 'python3 of version 3.10 or later is not there' };
  // Under another name until it is whole: another run would take it for ready.
  const draft = `${folder}.${process.pid}`;
  try {
    await run('python3', ['-m', 'venv', '--copies', draft], patience);
    await run(
      join(draft, 'bin/python'),
      ['-m', 'pip', 'install', '--quiet', '--retries', '1', ...requirements],
      patience,
    );
    await rename(draft, folder);
    return { python };
  } catch {
    await rm(draft, { recursive: true, force: true });
    // Another run was faster.
    if (await exists(python)) return { python };
    return { skipped: `${requirements.join(' and ')} could not be installed from PyPI` };
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
