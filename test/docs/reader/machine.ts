// The reader's machine: an empty folder, a home, the programs of others that the documents name, and the sandbox in place of AWS.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { SandboxState } from '../../../bin/sandbox/state-file';
import type { Packed } from '../../../scripts/packed';
import { runFolder } from '../../support/run-folder';
import { answers } from './accounts';
import { run, Terminal } from './terminal';

export class Machine {
  readonly folder = mkdtempSync(join(runFolder(), 'reader-'));
  readonly home = this.made('home');
  /** Where the reader begins. */
  readonly empty = this.made('work');
  readonly repository = join(this.empty, 'my-keys');
  readonly variables: Record<string, string>;
  private sandbox: ChildProcessWithoutNullStreams | undefined;
  /** What a sandbox said at last that ended by itself. */
  lastWords: string | undefined;
  private terminals = 0;

  constructor(readonly packed: Packed) {
    const programs = this.made('programs');
    for (const [name, text] of Object.entries(programsOf(packed))) {
      writeFileSync(join(programs, name), `#!/usr/bin/env bash\n${text}`);
      chmodSync(join(programs, name), 0o755);
    }
    const { PATH = '', npm_config_cache, npm_config_userconfig } = process.env;
    this.variables = {
      PATH: [programs, PATH].join(delimiter),
      REAL_PATH: PATH,
      HOME: this.home,
      TMPDIR: this.made('tmp'),
      XDG_STATE_HOME: this.made('state'),
      // Of the machine that this runs on: packages are in its cache already.
      npm_config_cache: npm_config_cache ?? join(homedir(), '.npm'),
      npm_config_userconfig: npm_config_userconfig ?? join(homedir(), '.npmrc'),
      npm_config_update_notifier: 'false',
    };
  }

  /** As `keyturn` where it is installed for all. */
  get withKeyturn(): Record<string, string> {
    const { PATH = '' } = this.variables;
    return { PATH: [PATH, join(this.repository, 'node_modules/.bin')].join(delimiter) };
  }

  /** @param more variables besides those of every shell */
  terminal(folder: string, more: Record<string, string> = {}): Terminal {
    this.terminals++;
    return new Terminal(join(this.folder, `terminal-${this.terminals}`), folder, {
      ...this.variables,
      ...more,
    });
  }

  /** What an operator does once after `npm create`, before the other pages are read. */
  configure(): void {
    const keys = readFileSync(join(__dirname, 'keys.ts'), 'utf8');
    const imported = keys.replace('../../../lib/config/define-keys', 'keyturn/config');
    writeFileSync(join(this.repository, 'config/keys.ts'), imported);
    copyFileSync(join(__dirname, 'server.mjs'), join(this.repository, 'server.js'));
    for (const name of ['any-server', 'node_modules/.bin/some-mcp-server']) {
      const file = join(this.repository, name);
      copyFileSync(join(__dirname, 'server.mjs'), file);
      chmodSync(file, 0o755);
    }
    const local = join(this.repository, '.env.keyturn');
    writeFileSync(local, `SENDGRID_API_KEY=${sendgridKey('x')}\n`, { mode: 0o600 });
    for (const name of ['.cursor', 'notes']) mkdirSync(join(this.home, name));
    const server = { command: 'mail-server', env: { SENDGRID_API_KEY: sendgridKey('y') } };
    writeFileSync(join(this.home, '.cursor/mcp.json'), JSON.stringify({ mcpServers: { mailer: server } }));
  }

  /** `act`, while no server of the configuration has a key of SendGrid. */
  async withoutSendgrid<Result>(act: () => Promise<Result>): Promise<Result> {
    const file = join(this.repository, 'config/keys.ts');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace(/^ +\{ provider: 'sendgrid'.*\n/m, ''));
    try {
      return await act();
    } finally {
      writeFileSync(file, whole);
    }
  }

  /** In a terminal of its own. One that is up there ends first, as by Ctrl-C. */
  async start(line: string): Promise<void> {
    await this.stop();
    // Its input ends with the tests, however they end: nothing of them goes on.
    const untilInputEnds = 'exec 3<&0; (cat <&3; kill -INT 0) > /dev/null 2>&1 &';
    const child = spawn('bash', ['-c', `${untilInputEnds} exec ${line} < /dev/null 3<&-`], {
      cwd: this.repository,
      env: this.variables,
      stdio: 'pipe',
      detached: true,
    });
    this.sandbox = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        said += String(chunk);
        if (said.includes(' is up: ')) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('close', (code, signal) => {
        const words = `the sandbox ended with ${code ?? signal}: ${said.slice(-2000)}`;
        if (this.sandbox === child) this.lastWords = words;
        reject(new Error(words));
      });
    });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL, AWS_REGION } =
      this.sandboxVariables();
    mkdirSync(join(this.home, '.aws'), { recursive: true });
    writeFileSync(
      join(this.home, '.aws/config'),
      `[profile prod-admin]\nregion = ${AWS_REGION}\nendpoint_url = ${AWS_ENDPOINT_URL}\naws_access_key_id = ${AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}\naws_session_token = ${AWS_SESSION_TOKEN}\n`,
    );
  }

  /** @param who the administrator, or a server */
  sandboxVariables(who = 'admin'): Record<string, string> {
    const file = join(this.variables.XDG_STATE_HOME!, 'keyturn/sandboxes/sandbox.json');
    const { variables } = JSON.parse(readFileSync(file, 'utf8')) as SandboxState;
    const own = variables[who];
    if (!own) throw new Error(`the sandbox has no ${who}`);
    return own;
  }

  /** A program of the clone, with the variables of the sandbox. */
  async inSandbox(command: string[]): Promise<string> {
    const { code, out, err } = await run(command, this.repository, {
      ...this.variables,
      ...this.sandboxVariables(),
    });
    if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${err}`);
    return out.trim();
  }

  async stop(): Promise<void> {
    const child = this.sandbox;
    this.sandbox = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private made(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    return folder;
  }
}

/** Of SendGrid's form; no such key exists. */
export function sendgridKey(letter: string): string {
  return ['SG', letter.repeat(22), letter.repeat(43)].join('.');
}

/** Programs of the reader's machine, by name. */
function programsOf({ keyturn, client, create }: Packed): Record<string, string> {
  const real = 'PATH="$REAL_PATH" exec';
  // What npm would take from its registry, it takes from the tarballs.
  const local = `const fs = require("fs"); const m = JSON.parse(fs.readFileSync("package.json", "utf8"));
    for (const [name, file] of [["keyturn", "${keyturn}"], ["@keyturn/client", "${client}"]])
      if (m.dependencies?.[name]) m.dependencies[name] = "file:" + file;
    fs.writeFileSync("package.json", JSON.stringify(m, undefined, 2) + "\\n");`;
  return {
    npm: `case "$1 $2" in
  'create keyturn@'*)
    folder=$3; shift 3; [ "$1" = -- ] && shift
    [ $# -gt 0 ] || set -- ${answers}
    ${real} npm exec --yes --package='file:${create}' -- create-keyturn "$folder" "$@" ;;
  'install --save-exact') ${real} npm install --save-exact --prefer-offline --no-audit --no-fund '${keyturn}' ;;
  'install @keyturn/client') ${real} npm install --prefer-offline --no-audit --no-fund '${client}' ;;
  'install ') node -e '${local}'; ${real} npm install --prefer-offline --no-audit --no-fund ;;
  *) ${real} npm "$@" ;;
esac
`,
    // npx takes half a second to find what lies in this folder.
    npx: `case "$1" in
  keyturn) shift; [ -e node_modules/.bin/keyturn ] && exec node_modules/.bin/keyturn "$@"
    # In the place of the registry's.
    command -v keyturn >/dev/null && exec keyturn "$@"; ${real} npx keyturn "$@" ;;
  -y) case "$2" in
    @keyturn/client@*) shift 2; ${real} npm exec --yes --package='file:${client}' -- keyturn-client "$@" ;;
    *) ${real} npx "$@" ;;
  esac ;;
  *) ${real} npx "$@" ;;
esac
`,
    // What a password manager and a scanner print.
    op: 'cat "$HOME/.op/$(basename "$2")"\n',
    trufflehog: 'cat "$HOME/.found.jsonl"\n',
  };
}
