// What is sealed for GitHub is opened here by libsodium itself, which GitHub names for it.
import sodium from 'libsodium-wrappers';
import { unseal } from '../../rehearsal/places/fake-github-actions';
import { makeBoxKeys, seal } from '../../targets/sealed-box';

const open = (sealed: string, keys: { publicKey: Uint8Array; privateKey: Uint8Array }) =>
  Buffer.from(
    sodium.crypto_box_seal_open(Buffer.from(sealed, 'base64'), keys.publicKey, keys.privateKey),
  ).toString();

beforeAll(() => sodium.ready);

test.each([
  ['a key', 'SG.FAKESECRET-0123456789'],
  ['nothing', ''],
  ['letters outside ASCII, over lines', 'Schlüssel\n-----END 🔑-----\n'],
  ['a long one', 'x'.repeat(48_000)],
])('%s comes out as it was', (_, text) => {
  const keys = sodium.crypto_box_keypair();
  expect(open(seal(text, Buffer.from(keys.publicKey)), keys)).toBe(text);
});

test('each time it looks other, and only the owner of the key opens it', () => {
  const keys = sodium.crypto_box_keypair();
  const [one, other] = [seal('a', Buffer.from(keys.publicKey)), seal('a', Buffer.from(keys.publicKey))];
  expect(one).not.toBe(other);
  expect(() => open(one, sodium.crypto_box_keypair())).toThrow();
});

test('what is no public key is refused', () => {
  expect(() => seal('a', Buffer.from('short'))).toThrow();
});

test('a box that libsodium sealed is opened, and no other', () => {
  const keys = makeBoxKeys();
  const sealed = Buffer.from(sodium.crypto_box_seal('a key', keys.publicKey)).toString('base64');
  expect(unseal(sealed, keys)).toBe('a key');
  expect(unseal(sealed, makeBoxKeys())).toBeUndefined();
  expect(unseal('short', keys)).toBeUndefined();
});
