import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepingCopy } from '../../../../client/keys/sources/kept-copy';
import { KeyturnError } from '../../../../core/errors';
import { dayMs } from '../../../../core/time';

const address = { environment: 'dev', server: 'bot', provider: 'gitlab', purpose: 'main' };
const value = {
  secret: 'FAKESECRET-1',
  keyId: 'key-1',
  provider: 'gitlab',
  issuedAt: '2026-11-28T00:00:00Z',
};
const unreachable = new KeyturnError('no-answer', 'AWS gave no answer', {
  cause: Object.assign(new Error('connect'), { endpoint: 'https://aws.example' }),
});
const expired = new KeyturnError('no-answer', 'credentials have ended', {
  cause: Object.assign(new Error('expired'), {
    endpoint: 'https://aws.example',
    $metadata: { httpStatusCode: 400 },
  }),
});
let folder: string;
let file: string;
let time: number;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-copy-'));
  file = join(folder, 'state/dev.bot.copy');
  time = Date.parse('2026-11-28T00:00:00Z');
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of its own: it knows nothing but what is in the file. */
function reading(answer: object | Error, passphrase = 'correct horse battery', of = address) {
  const source = keepingCopy(
    {
      givesTokens: async ({ provider }: { provider: string }) => provider === 'github-app',
      read: async () => {
        if (answer instanceof Error) throw answer;
        return { versionId: 'v1', value: answer } as never;
      },
    } as never,
    { file, passphrase: async () => passphrase, say: text => said.push(text), now: () => time },
  );
  return source.read(of).then(
    held => held.value.secret,
    (error: Error) => error.message,
  );
}

it('a key that was read is there when AWS cannot be reached, for a day', async () => {
  await reading(value);
  time += dayMs - 1;
  expect(await reading(unreachable)).toBe('FAKESECRET-1');
  expect(said).toEqual([
    expect.stringContaining(
      'using the key dev/gitlab/bot from the copy on this machine, read at 2026-11-28T00:00:00.000Z',
    ),
  ]);
  time += 1;
  expect(await reading(unreachable)).toBe('AWS gave no answer');
});

it('nobody else can read it, neither the file nor what is in it', async () => {
  await reading(value);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  const text = readFileSync(file, 'utf8');
  const { data } = JSON.parse(text);
  expect(text + Buffer.from(data, 'base64').toString('latin1')).not.toMatch(/FAKESECRET|key-1|gitlab/);
});

it.each<[string, (text: string) => string]>([
  ['changed', text => text.replace(/"data":"(.)/, (_all, first) => `"data":"${first === 'A' ? 'B' : 'A'}`)],
  ['cut off', text => text.slice(0, -20)],
])('a copy that was %s gives nothing', async (_how, change) => {
  await reading(value);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  expect(await reading(unreachable)).toMatch(/was changed, or needs another passphrase; delete it/);
});

it('another passphrase opens nothing, and begins a copy anew', async () => {
  await reading(value);
  expect(await reading(unreachable, 'another passphrase')).toMatch(/needs another passphrase/);
  await reading({ ...value, secret: 'FAKESECRET-2' }, 'another passphrase');
  expect(await reading(unreachable, 'another passphrase')).toBe('FAKESECRET-2');
});

it('whoever is refused by AWS is refused', async () => {
  await reading(value);
  expect(await reading(expired)).toBe('credentials have ended');
  expect(await reading(new KeyturnError('refused', 'not allowed'))).toBe('not allowed');
});

it('a key that has expired, one from the time to come, and a token are not served', async () => {
  await reading({ ...value, expiresAt: '2026-11-28T01:00:00Z' });
  time += dayMs / 24;
  expect(await reading(unreachable)).toBe('AWS gave no answer');
  await reading(value);
  time -= 1;
  expect(await reading(unreachable)).toBe('AWS gave no answer');
  const token = { ...address, provider: 'github-app' };
  await reading(value, undefined, token);
  expect(await reading(unreachable, undefined, token)).toBe('AWS gave no answer');
});

it('a copy that cannot be written keeps nobody from a key that was read', async () => {
  writeFileSync(join(folder, 'state'), 'a file where a folder should be');
  expect(await reading(value)).toBe('FAKESECRET-1');
  expect(said).toEqual([expect.stringMatching(/^no copy of the keys was kept: /)]);
});
