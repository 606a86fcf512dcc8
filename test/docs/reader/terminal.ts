// A terminal of the reader: what a line changes of the folder and the variables holds for the lines after it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Done {
  line: string;
  code: number;
  out: string;
  err: string;
}

/** For what hangs. */
const limitMs = 300_000;

export class Terminal {
  readonly done: Done[] = [];

  /** @param notes an own folder, in which it keeps what outlives a line */
  constructor(
    private readonly notes: string,
    public folder: string,
    public variables: Record<string, string>,
  ) {
    mkdirSync(notes, { recursive: true });
  }

  /** @param input what is piped in; nothing otherwise */
  async type(line: string, input = ''): Promise<Done> {
    const [script, variables, folder] = ['line.sh', 'variables', 'folder'].map(name =>
      join(this.notes, name),
    );
    const keep = `code=$?\nenv -0 > '${variables}'\npwd > '${folder}'\nexit $code\n`;
    // Ctrl-C ends the line, not the terminal.
    writeFileSync(script!, `trap : INT\n${line}\n${keep}`);
    const done = { line, ...(await run(['bash', script!], this.folder, this.variables, input)) };
    this.done.push(done);
    this.folder = readFileSync(folder!, 'utf8').trim();
    this.variables = Object.fromEntries(
      readFileSync(variables!, 'utf8')
        .split('\0')
        .filter(Boolean)
        .map(each => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    );
    return done;
  }

  /** What the newest line that printed such a thing printed. */
  printed(pattern: RegExp): string {
    for (const { out, err } of this.done.toReversed()) {
      const found = pattern.exec(out + err)?.[1];
      if (found) return found;
    }
    throw new Error(`nothing printed ${pattern}`);
  }
}

/** Any program, to its end. */
export function run(
  [program = '', ...args]: string[],
  folder: string,
  variables: Record<string, string>,
  input = '',
): Promise<Omit<Done, 'line'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, env: variables, detached: true });
    const limit = setTimeout(() => {
      // With what it started.
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    }, limitMs);
    // An MCP client stays until it has its answer.
    const isAsked = input.startsWith('{"jsonrpc"');
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => {
      out += chunk;
      if (isAsked) child.stdin.end();
      // What goes on until then says so.
      if (child.pid && String(chunk).includes('Ctrl-C stops')) process.kill(-child.pid, 'SIGINT');
    });
    child.stderr.on('data', chunk => {
      err += chunk;
    });
    // What reads nothing may end before it is all written.
    child.stdin.on('error', () => {});
    child.stdin.write(input);
    if (!isAsked) child.stdin.end();
    child.once('error', reject);
    child.once('close', code => {
      clearTimeout(limit);
      resolve({ code: code ?? 137, out, err });
    });
  });
}
