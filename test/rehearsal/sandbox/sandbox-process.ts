// A sandbox as people run it: the real command line in processes of its own, with state of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxState } from '../../../bin/sandbox/state-file';
import { commandScript } from '../../support/command-script';

const root = join(__dirname, '../../..');
export const keyturn = commandScript();
/** The command line as `npx keyturn` would start it, for shells. */
export const keyturnInShell = [process.execPath, keyturn].map(word => `'${word}'`).join(' ');

export interface Done {
  code: number;
  out: string;
  err: string;
}

/** Where sandboxes of one test leave their state. */
export function stateFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'keyturn-sandbox-'));
  mkdirSync(temporaryFolder(path));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** What its processes leave for a while. */
export function temporaryFolder(state: string): string {
  return join(state, 'tmp');
}

/** What this process has of its own, without what would lead it elsewhere. */
function environmentOf(state: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, TMPDIR: temporaryFolder(state), XDG_STATE_HOME: state, ...more };
}

export function run(
  program: string,
  args: readonly string[],
  state: string,
  more?: Record<string, string>,
  input = '',
): Promise<Done> {
  return new Promise(resolve => {
    const options = { env: environmentOf(state, more), cwd: root, timeout: 600_000, maxBuffer: 32_000_000 };
    const child = execFile(program, args, options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

export class SandboxProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly name: string,
    private readonly state: string,
    readonly said: () => string,
  ) {}

  /** @throws where it ends before it is up */
  static async start(args: readonly string[], name: string, state: string): Promise<SandboxProcess> {
    const child = spawn(process.execPath, [keyturn, 'sandbox', 'start', '--name', name, ...args], {
      cwd: root,
      // A profile of the shell is not the sandbox's.
      env: environmentOf(state, { AWS_PROFILE: 'gone' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const up = new Promise<void>((resolve, reject) => {
      const take = (chunk: Buffer) => {
        said += String(chunk);
        if (said.includes(' is up: ')) resolve();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', code => reject(new Error(`the sandbox ended with ${code}: ${said}`)));
    });
    await up;
    return new SandboxProcess(child, name, state, () => said);
  }

  get file(): string {
    return join(this.state, 'keyturn', 'sandboxes', `${this.name}.json`);
  }

  facts(): SandboxState {
    return JSON.parse(readFileSync(this.file, 'utf8')) as SandboxState;
  }

  variables(who = 'admin'): Record<string, string> {
    return this.facts().variables[who]!;
  }

  /** `keyturn <args>`, in a shell that has the sandbox's variables. */
  keyturn(args: readonly string[], who = 'admin', input = ''): Promise<Done> {
    return run(process.execPath, [keyturn, ...args], this.state, this.variables(who), input);
  }

  /** Any other program, in the same shell. */
  run(program: string, args: readonly string[], who = 'admin'): Promise<Done> {
    return run(program, args, this.state, this.variables(who));
  }

  /** @returns what the command found, as `--json` prints it */
  async ask(...args: string[]): Promise<Record<string, unknown>> {
    const { out, err } = await this.keyturn(['sandbox', ...args, '--json']);
    if (!out) throw new Error(err);
    return JSON.parse(out) as Record<string, unknown>;
  }

  /** @returns its exit code */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}
