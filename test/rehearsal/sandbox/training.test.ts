// The training session of docs/sandbox.md, as a person would type it: every line, in a shell, with the real command line. What
// stands in angle brackets is read from what the commands before printed, as the page says.
import { blocksOf } from '../../docs/documents';
import { commandsOf } from '../../docs/shell';
import { type Done, keyturnInShell, run, SandboxProcess, stateFolder } from './sandbox-process';

const all = blocksOf('docs/sandbox.md').filter(({ language }) => language === 'sh');
const first = all.findIndex(({ text }) => text.includes('--speed 60x'));
const [startLine = '', ...lines] = all.slice(first).flatMap(({ text }) => commandsOf(text));

const state = stateFolder();
let sandbox: SandboxProcess | undefined;
afterAll(async () => {
  await sandbox?.end();
  state.remove();
});

const done: (Done & { line: string })[] = [];

/** What the newest command that printed such a thing printed. */
function printed(pattern: RegExp): string {
  for (const { out } of [...done].reverse()) {
    const found = pattern.exec(out)?.[1];
    if (found) return found;
  }
  throw new Error(`nothing printed ${pattern}`);
}

const newestIncident = () => printed(/^(\d{8}T\d{6}Z-[0-9a-f]{8}) /m);
const placeholders: Record<string, () => string> = {
  '<incident>': newestIncident,
  '<revocation>': newestIncident,
  '<key-id>': () => printed(/found (\S+) current/),
};

/** A shell of its own for each line: what `eval` took over is taken over again. */
async function type(line: string): Promise<Done> {
  const filled = line.replace(/<[\w-]+>/g, name => placeholders[name]!());
  const shell = [
    'set -e',
    `npx() { shift; ${keyturnInShell} "$@"; }`,
    ...(filled.startsWith('eval') ? [] : [lines.find(each => each.startsWith('eval'))!]),
    filled,
  ];
  const result = await run('bash', ['-c', shell.join('\n')], state.path);
  done.push({ line, ...result });
  return result;
}

const said = (start: string, nth = 0) =>
  done.filter(({ line }) => line.startsWith(`npx keyturn ${start}`))[nth]!;

beforeAll(async () => {
  const args = startLine.replace('npx keyturn sandbox start', '').trim().split(' ');
  sandbox = await SandboxProcess.start(args, 'sandbox', state.path);
  for (const line of lines) {
    // What `revoke` said of it is on standard error.
    if (line.includes('<revocation>')) await type('npx keyturn incidents --env prod');
    await type(line);
  }
});

test('the session is the one of the page, and every command of it succeeds', () => {
  expect(startLine).toBe('npx keyturn sandbox start --speed 60x');
  expect(lines.length).toBeGreaterThanOrEqual(12);
  expect(done.filter(({ code }) => code !== 0)).toEqual([]);
});

test('before the theft all is well', () => {
  expect(said('status').out).toContain('prod: 9 keys, all well');
});

test('the message says what was noticed, that nothing was changed, and what to do', () => {
  const { out } = said('sandbox mail');
  for (const part of [
    'prod/sendgrid/support-bot looks suspicious; nothing was changed',
    '198.51.100.23',
    'npx keyturn revoke prod/sendgrid/support-bot',
  ])
    expect(out.replace(/\s+/g, ' ')).toContain(part);
});

test('the incident is listed and shown, and the key is still the stolen one', () => {
  expect(said('incidents --env').out).toContain('prod/sendgrid/support-bot');
  expect(said('incidents show').out).toContain('198.51.100.23');
  expect(said('status', 1).out).toContain('prod/sendgrid/support-bot');
});

test('the key is replaced and revoked, the thief is refused, and the proof says that the stolen key is dead', () => {
  expect(said('revoke').out).toMatch(/prod\/sendgrid\/support-bot +contained/);
  expect(sandbox!.said()).toContain('the thief is refused');
  const stolen = placeholders['<key-id>']!();
  const { out } = said('proof');
  expect(out).toContain(stolen);
  expect(out).toMatch(/dead/);
});

test('after a reset nothing of it is left, and the sandbox ends when it is told to', async () => {
  expect(said('sandbox reset').out).toContain('your variables stay valid');
  expect(said('sandbox stop').out).toContain('ends');
  expect(await sandbox!.end()).toBe(0);
});
