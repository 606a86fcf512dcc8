// A pair that Keyturn makes is one to OpenSSH as well.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSshKeyPair, publicKeyOf } from '../../../connectors/providers/github-deploy/ssh-key';

const isThere = spawnSync('ssh-keygen', ['-?']).error === undefined;
if (!isThere) process.stdout.write('OpenSSH is not asked about keys: there is no ssh-keygen here\n');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the private half makes the public one, and each pair is another', () => {
  const [one, other] = [makeSshKeyPair(), makeSshKeyPair()];
  expect(publicKeyOf(one.privateKey)).toBe(one.publicKey);
  expect(publicKeyOf(one.privateKey)).not.toBe(other.publicKey);
  expect(one.publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[\w+/]{43}$/);
});

test.each(['', 'nonsense', '-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n', 'x'.repeat(400)])(
  'what is no key has no public half: %j',
  text => expect(publicKeyOf(text)).toBeUndefined(),
);

(isThere ? test : test.skip)('OpenSSH reads the file, and finds the same public half', () => {
  const { privateKey, publicKey } = makeSshKeyPair();
  const file = join(folder, 'ours');
  writeFileSync(file, privateKey, { mode: 0o600 });
  expect(execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file]).toString().trim()).toBe(publicKey);
});

(isThere ? test : test.skip)('a pair of OpenSSH is read, with a comment of any length', () => {
  for (const comment of [
    '',
    'ada',
    'a comment that is longer than a line of the file, which has seventy characters',
  ]) {
    const file = join(folder, `theirs-${comment.length}`);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
    const [type, blob] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    expect(publicKeyOf(readFileSync(file, 'utf8'))).toBe(`${type} ${blob?.trim()}`);
  }
});
