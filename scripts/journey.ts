// The whole way of somebody new, from an empty folder with the packed packages to a key that was stolen and contained, timed.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createCommand, installCommand, installFrom, packAll } from './packed';

const usage = `Usage: npm run journey -- [--node 22] [--json]

  --node <major>  the Node that everything runs on, installed from npm for this run; by default the one that runs this
  --json          print the times as one line of JSON, in the place of what the commands said
`;
const limitMs = 15 * 60_000;
const key = 'prod/openai/support-bot';
const other = 'prod/sendgrid/support-bot';

interface Step {
  name: string;
  command: string[];
  /** @default [0] */
  mayEndWith?: number[];
  /** What it must say. */
  says: RegExp;
}

/** In a repository that is installed, from the first rehearsal to the last template. */
const inRepository: Step[] = [
  { name: 'start', command: ['npm', 'start'], says: /proven dead +yes/ },
  { name: 'test', command: ['npm', 'test'], says: /fail 0/ },
  {
    name: 'synth',
    command: ['npx', 'cdk', 'synth', '--quiet', '-c', 'environment=prod'],
    says: /Successfully synthesized/,
  },
  { name: 'plan', command: ['npx', 'keyturn', 'plan'], says: /next +20\d\d-/ },
];

/** In the sandbox, as on a day with a leak. */
const inSandbox: Step[] = [
  { name: 'issue', command: ['npx', 'keyturn', 'issue', '--env', 'prod'], says: /2 of 2 keys done/ },
  { name: 'rotate', command: ['npx', 'keyturn', 'rotate', key, '--yes'], says: /1 of 1 key done/ },
  { name: 'steal', command: ['npx', 'keyturn', 'sandbox', 'steal', key], says: /a thief has read/ },
  { name: 'wait', command: ['npx', 'keyturn', 'sandbox', 'advance', '20m'], says: /20 min have passed/ },
  { name: 'incidents', command: ['npx', 'keyturn', 'incidents', '--env', 'prod'], says: /contained/ },
  {
    name: 'revoke',
    command: ['npx', 'keyturn', 'revoke', other, '--reason', 'found in a public repository', '--yes'],
    says: /1 of 1 key done/,
  },
  // What it says of alarms is part of the exercise.
  {
    name: 'status',
    command: ['npx', 'keyturn', 'status', '--env', 'prod'],
    mayEndWith: [0, 1],
    says: /^prod: 2 keys/m,
  },
];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      node: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || (values.node !== undefined && !/^\d+$/.test(values.node))) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-journey-'));
  const say = (text: string) => void (values.json ? process.stderr : process.stdout).write(text);
  const times: Record<string, number> = {};
  const travel = new Travel(folder, say, times);
  try {
    if (values.node) await travel.useNode(values.node);
    const node = await travel.go({ name: 'node', command: ['node', '--version'], says: /^v\d+/ });
    const packed = packAll(join(folder, 'packed'));
    const repository = join(folder, 'my-keys');
    const flags = '--account 111122223333 --region eu-central-1 --server support-bot=sendgrid,openai';
    await travel.go({
      name: 'init',
      command: [...createCommand(packed), 'my-keys', ...flags.split(' ')],
      says: /Wrote \d+ files/,
    });
    installFrom(packed, repository);
    travel.folder = repository;
    await travel.go({ name: 'install', command: installCommand, says: /added \d+ packages/ });
    for (const step of inRepository) await travel.go(step);
    await travel.withSandbox(async () => {
      for (const step of inSandbox) await travel.go(step);
    });
    const toFirstRehearsal = (times.init ?? 0) + (times.install ?? 0) + (times.start ?? 0);
    const total = Object.values(times).reduce((sum, each) => sum + each, 0);
    say(
      `\nFrom an empty folder to a green \`npm start\`: ${toFirstRehearsal.toFixed(0)} s. All: ${total.toFixed(0)} s.\n`,
    );
    if (values.json)
      process.stdout.write(
        `${JSON.stringify({ node: node.trim(), seconds: times, toFirstRehearsal, total })}\n`,
      );
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Travel {
  /** Not that of the reader: no sandbox of theirs is found, and none of their AWS settings. */
  private readonly env: NodeJS.ProcessEnv;

  constructor(
    public folder: string,
    private readonly say: (text: string) => void,
    private readonly times: Record<string, number>,
  ) {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|KEYTURN_|NODE_OPTIONS$|npm_)/.test(name),
    );
    this.env = { ...Object.fromEntries(own), XDG_STATE_HOME: join(folder, 'state') };
  }

  async useNode(major: string): Promise<void> {
    const folder = join(this.folder, 'node');
    await this.run(['npm', 'install', '--prefix', folder, '--no-audit', '--no-fund', `node@${major}`]);
    this.env.PATH = [join(folder, 'node_modules/node/bin'), this.env.PATH].join(delimiter);
  }

  /** @returns what it said @throws where it says or ends with something else than it should */
  async go({ name, command, mayEndWith = [0], says }: Step): Promise<string> {
    this.say(`\n$ ${command.map(shown).join(' ')}\n`);
    const began = performance.now();
    const { code, said } = await this.run(command);
    const seconds = (performance.now() - began) / 1000;
    this.times[name] = seconds;
    this.say(`${said}(${name}: ${seconds.toFixed(1)} s, exit code ${code})\n`);
    if (!mayEndWith.includes(code)) throw new Error(`${name} ended with ${code}`);
    if (!says.test(said)) throw new Error(`${name} did not say ${says}`);
    if (/^Error: /m.test(said)) throw new Error(`${name} ended well, and still printed an error`);
    return said;
  }

  /** A sandbox is up while `use` runs, and commands work in it. */
  async withSandbox(use: () => Promise<void>): Promise<void> {
    const command = ['npx', 'keyturn', 'sandbox', 'start', '--speed', '30x'];
    this.say(`\n$ ${command.join(' ')} &\n`);
    const began = performance.now();
    const sandbox = this.start(command, { detached: true });
    const ended = new Promise<void>(resolve => sandbox.once('close', () => resolve()));
    let said = '';
    sandbox.stdout?.on('data', chunk => {
      said += chunk;
    });
    try {
      while (!said.includes('is up')) {
        if (sandbox.exitCode !== null || performance.now() - began > limitMs)
          throw new Error(`the sandbox did not come up: ${said}`);
        await sleep(100);
      }
      this.times.sandbox = (performance.now() - began) / 1000;
      this.say(`${said}(sandbox: ${this.times.sandbox.toFixed(1)} s)\n`);
      const variables = await this.run(['npx', 'keyturn', 'sandbox', 'env', '--json']);
      Object.assign(this.env, JSON.parse(variables.said));
      await use();
      await this.go({ name: 'stop', command: ['npx', 'keyturn', 'sandbox', 'stop'], says: /./ });
    } finally {
      // With what npx has started for it.
      if (sandbox.exitCode === null && sandbox.pid) process.kill(-sandbox.pid, 'SIGTERM');
      await ended;
    }
  }

  private start([program = '', ...args]: string[], options: SpawnOptions = {}): ChildProcess {
    const { folder: cwd, env } = this;
    return spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  }

  private async run(command: string[]): Promise<{ code: number; said: string }> {
    const child = this.start(command);
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    let said = '';
    const hear = (chunk: unknown) => {
      said += String(chunk);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', status => resolve(status ?? 1));
    });
    clearTimeout(limit);
    return { code, said };
  }
}

const shown = (word: string) => (/^[\w@./:=,-]+$/.test(word) ? word : `'${word}'`);

main().then(code => {
  process.exitCode = code;
});
