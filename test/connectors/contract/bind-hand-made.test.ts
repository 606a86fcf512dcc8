// A key that revokes itself: no issuer credential was asked with, so no refusal may send a person to look at one.
import { revokeOnlyCalls } from '../../../connectors/contract/bind-hand-made';
import type { CallContext } from '../../../connectors/contract/call-context';
import type { RevokeOnlyConnector } from '../../../connectors/contract/connector';
import { connectorFor } from '../../../connectors/index';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';

const value: SecretValue = {
  provider: 'acme',
  keyId: 'key-1',
  secret: 'FAKESECRET-1',
  issuedAt: '2026-11-23T03:00:00.000Z',
};

/** As GitHub's personal tokens are bound, where every call ends so. */
function boundTo(error: KeyturnError) {
  const connector = {
    ...connectorFor('github-personal'),
    title: 'Acme',
    expiry: async () => undefined,
  } as unknown as RevokeOnlyConnector<unknown, unknown>;
  const ask = async () => {
    throw error;
  };
  return revokeOnlyCalls(connector, { settings: {}, ask } as unknown as CallContext) as {
    revoke(keyId: string, held?: SecretValue): Promise<void>;
    expiry(value: SecretValue): Promise<unknown>;
  };
}

test.each(['issuer-rejected', 'refused'] as const)(
  '%s to its own call: a person ends the key, or looks at it',
  async code => {
    const { revoke, expiry } = boundTo(new KeyturnError(code, 'look at the issuer credential'));
    await expect(revoke('key-1', value)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Acme does not let the key key-1 revoke itself; a person has to '),
    });
    await expect(expiry(value)).rejects.toMatchObject({
      code: 'key-rejected',
      message: expect.stringContaining('Acme does not say when the key key-1 expires'),
    });
  },
);

test('what is no refusal is told as it was', async () => {
  const down = new KeyturnError('provider-down', 'Acme answered 503');
  const { revoke, expiry } = boundTo(down);
  await expect(revoke('key-1', value)).rejects.toBe(down);
  await expect(expiry(value)).rejects.toBe(down);
});

test('a key that is not held cannot revoke itself', async () => {
  const { revoke } = boundTo(new KeyturnError('refused', ''));
  await expect(revoke('key-1')).rejects.toMatchObject({
    code: 'refused',
    message: 'only the key key-1 itself can end it, and Keyturn does not hold it',
  });
});
