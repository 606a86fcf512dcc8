// Finds the sandbox that a command is about, and asks it.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ErrorCode, KeyturnError } from '../../core/errors';
import type { SandboxAnswer, SandboxRequest } from './requests';
import { knownNames, readState, removeState, type SandboxState } from './state-file';

/** The header in which a sandbox says which one it is. */
export const instanceHeader = 'x-keyturn-sandbox';

/**
 * @param name as given by the user; without it, the only one that runs
 * @throws {KeyturnError} usage, where none runs or several do
 */
export async function findSandbox(name: string | undefined): Promise<SandboxState> {
  if (name !== undefined) {
    const state = await runningSandbox(name);
    if (state) return state;
    throw new KeyturnError('usage', `no sandbox named "${name}" runs; ${await howToGoOn()}`);
  }
  const [only, ...others] = await runningSandboxes();
  if (only && !others.length) return only;
  if (only)
    throw new KeyturnError('usage', `several sandboxes run; choose one with --name: ${await namesInWords()}`);
  throw new KeyturnError('usage', 'no sandbox runs; start one with `npx keyturn sandbox start`');
}

async function howToGoOn(): Promise<string> {
  const names = await namesInWords();
  return names ? `these do: ${names}` : 'start it with `npx keyturn sandbox start`';
}

async function namesInWords(): Promise<string> {
  return (await runningSandboxes()).map(({ name }) => name).join(', ');
}

export async function runningSandboxes(): Promise<SandboxState[]> {
  const found = await Promise.all(knownNames().map(runningSandbox));
  return found.flatMap(state => state ?? []);
}

/** What a dead sandbox left is taken away. */
export async function runningSandbox(name: string): Promise<SandboxState | undefined> {
  const state = readState(name);
  if (state && (await isRunning(state))) return state;
  // Another may have started under this name while the answer was waited for.
  if (readState(name)?.instance === state?.instance) removeState(name);
  return undefined;
}

async function isRunning(state: SandboxState): Promise<boolean> {
  try {
    await askSandbox(state, { act: 'info' });
    return true;
  } catch (error) {
    // It answered as itself, and could not say how it is.
    return error instanceof KeyturnError && error.code !== 'no-answer';
  }
}

/**
 * May take minutes, where much time is to pass in the sandbox.
 * @throws {KeyturnError} as the sandbox says; no-answer, where whoever answers is not this sandbox
 */
export function askSandbox(
  { name, instance, control }: SandboxState,
  asked: SandboxRequest,
): Promise<SandboxAnswer> {
  const gone = () =>
    new KeyturnError(
      'no-answer',
      `the sandbox "${name}" no longer answers; start it again with \`npx keyturn sandbox start\``,
    );
  return new Promise((resolve, reject) => {
    const call = request(control.url, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
    });
    call.on('error', () => reject(gone()));
    call.on('response', reply => {
      text(reply).then(
        body => {
          if (reply.headers[instanceHeader] !== instance) return reject(gone());
          const answer = JSON.parse(body) as SandboxAnswer | { error: { code: ErrorCode; message: string } };
          if ('error' in answer) reject(new KeyturnError(answer.error.code, answer.error.message));
          else resolve(answer);
        },
        () => reject(gone()),
      );
    });
    call.end(JSON.stringify(asked));
  });
}
