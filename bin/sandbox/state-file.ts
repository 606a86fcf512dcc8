// A running sandbox leaves a file, so that the commands of other terminals find it. The file holds fake credentials and the token
// of the control endpoint, so only its owner may read it. This folder holds what commands need to find a sandbox and to ask it.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';

const sandboxState = z.object({
  name: z.string(),
  /** Another at every start, so that nothing else on the same port is taken for this sandbox. */
  instance: z.string(),
  pid: z.number(),
  environment: z.string(),
  control: z.object({ url: z.string(), token: z.string() }),
  /** With the token that lets a browser read the page, and do nothing else. */
  page: z.string(),
  /** Who -> the environment variables that let a process be it: `admin`, or the name of a server. */
  variables: z.record(z.string(), z.record(z.string(), z.string())),
});
export type SandboxState = z.infer<typeof sandboxState>;

/** Names are parts of file names and of commands. */
export const sandboxNamePattern = /^[a-z0-9][a-z0-9-]{0,31}$/;

export const defaultSandboxName = 'sandbox';

function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(base, 'keyturn', 'sandboxes');
}

/** Files of one sandbox: what `end` is, is up to its writer. */
export function stateFile(name: string, end = '.json'): string {
  return join(stateDirectory(), `${name}${end}`);
}

/** @throws {KeyturnError} usage, where there is a file of that name */
export function writeState(state: SandboxState): void {
  makeStateDirectory();
  try {
    writeFileSync(stateFile(state.name), JSON.stringify(state), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyRuns(state.name);
    throw error;
  }
}

export function makeStateDirectory(): void {
  mkdirSync(stateDirectory(), { recursive: true, mode: 0o700 });
  // It may have been there before.
  chmodSync(stateDirectory(), 0o700);
}

/** @returns `undefined` where there is none, or none that can be understood */
export function readState(name: string): SandboxState | undefined {
  try {
    const read = sandboxState.safeParse(JSON.parse(readFileSync(stateFile(name), 'utf8')));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export function removeState(name: string): void {
  rmSync(stateFile(name), { force: true });
}

export function knownNames(): string[] {
  try {
    return readdirSync(stateDirectory())
      .filter(file => file.endsWith('.json'))
      .map(file => file.slice(0, -'.json'.length))
      .sort();
  } catch {
    return [];
  }
}

export function alreadyRuns(name: string): KeyturnError {
  return new KeyturnError(
    'usage',
    `a sandbox named "${name}" runs already; use it, end it with \`npx keyturn sandbox stop --name ${name}\`, or start another with --name`,
  );
}
