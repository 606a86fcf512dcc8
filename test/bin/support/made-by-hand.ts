// Keys as a person makes them at a provider.
import { generateKeyPairSync } from 'node:crypto';
import type { FakeAccount, NewKey } from '../../../rehearsal/providers/fake-account';

export function madeByHand(
  account: FakeAccount,
  provider: string,
): Pick<NewKey, 'id' | 'secret' | 'details'> {
  const id = account.fresh(20);
  const tail = account.freshSecret(40);
  if (provider === 'sendgrid') return { id, secret: `SG.${id}.${tail}` };
  if (provider !== 'github-app') return { id, secret: provider === 'openai' ? `sk-svcacct-${tail}` : tail };
  const { publicKey, privateKey } = keyPair(account.keys.length);
  return { id, secret: privateKey, details: { publicKey } };
}

const pairs: { publicKey: string; privateKey: string }[] = [];

/** Making one takes long, and no account meets the same twice. */
function keyPair(n: number) {
  pairs[n] ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return pairs[n];
}
