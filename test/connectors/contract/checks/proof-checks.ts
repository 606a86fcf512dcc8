// What `verify` may conclude, and from what.
import { verifyKey } from '../../../../connectors/contract/bind';
import type { Connector } from '../../../../connectors/contract/connector';
import type { SecretValue } from '../../../../core/key/secret-value';
import type { WireCall } from '../../../../rehearsal/providers/dialect';
import { type Check, deadVerdicts, handMade, mangled } from './check';

const called = ['issue', 'install', 'roll', ...handMade] as const;

/** What of a request is the same whichever key is in it. */
function shapeOf(call: WireCall | undefined) {
  if (!call) return undefined;
  const { method, origin, path, query, headers } = call;
  return { method, origin, path, query: [...query.keys()], headers: Object.keys(headers).sort() };
}

const isVerifiedBeside = (connector: Connector) => 'verifyBeside' in connector;

export const proofChecks: Check[] = [
  {
    name: 'a secret with one wrong character is rejected',
    kinds: [...called, 'self-issued'],
    async run({ newKey, provider }) {
      expect(deadVerdicts(provider)).toContain(await provider.verify(mangled(await newKey())));
    },
  },
  ...[400, 403, 404, 418, 429, 500, 503].map(
    (status): Check => ({
      name: `verify is unknown on ${status}`,
      kinds: called,
      async run({ newKey, provider, faults }) {
        const value = await newKey();
        faults(() => ({ kind: 'status', status }));
        expect(await provider.verify(value)).toBe('unknown');
        faults(() => undefined);
        expect(await provider.verify(value)).toBe('accepted');
      },
    }),
  ),
  {
    name: 'verify is unknown where the rate limit is reached',
    kinds: called,
    async run({ newKey, provider, faults }) {
      const value = await newKey();
      faults(() => ({ kind: '429' }));
      expect(await provider.verify(value)).toBe('unknown');
    },
  },
  ...(['drop-before', 'drop-after', 'hang'] as const).map(
    (kind): Check => ({
      name: `verify is unknown without an answer (${kind})`,
      kinds: called,
      async run({ newKey, provider, faults }) {
        const value = await newKey();
        faults(() => ({ kind }));
        expect(await provider.verify(value)).toBe('unknown');
      },
    }),
  ),
  {
    name: 'a 200 that is not the provider’s own answer proves nothing',
    kinds: called,
    async run({ newKey, provider, faults }) {
      const value = await newKey();
      const portal = {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<html>Please log in</html>',
      };
      faults(() => ({ kind: 'rewrite', change: () => portal }));
      expect(await provider.verify(value)).toBe('unknown');
    },
  },
  {
    name: 'verify asks once, with the key and never with the issuer credential',
    kinds: called,
    where: connector => !isVerifiedBeside(connector),
    async run({ newKey, provider, calls, exchanges, dialect, settings }) {
      const value = await newKey();
      const [callsBefore, exchangesBefore] = [calls.length, exchanges.length];
      await provider.verify(mangled(value));
      await provider.verify(value);
      expect(calls.slice(callsBefore).map(({ kind }) => kind)).toEqual(['verify', 'verify']);
      const secrets = Object.values(dialect.issuer(settings)).filter(text => text.includes('FAKESECRET'));
      for (const { call } of exchanges.slice(exchangesBefore)) {
        const basic = Buffer.from(
          /^Basic (.*)$/.exec(call.headers.authorization ?? '')?.[1] ?? '',
          'base64',
        ).toString();
        const sent = JSON.stringify(call.headers) + call.text + basic;
        for (const secret of secrets) expect(sent.includes(secret)).toBe(false);
      }
    },
  },
  {
    // The control of every proof of death: what refuses a dead key by another call could refuse every key.
    name: 'the call that refuses a dead key is the one that accepted it while it lived, and still accepts another',
    kinds: called,
    async run({ newKey, provider, account, exchanges, clock, dialect, connector }) {
      const value = await newKey('version-1');
      // In a place that has room for one key, a second would end the first.
      const other = connector.kind === 'roll' ? undefined : await newKey('version-2');
      const ask = async (asked: SecretValue) => {
        const verdict = await provider.verify(asked);
        return { verdict, call: shapeOf(exchanges.at(-1)?.call) };
      };
      const alive = await ask(value);
      const held = account.ownerOf(value.secret) ?? account.keys.find(({ id }) => id === value.keyId);
      if (!held) throw new Error('the provider does not know the key that it made');
      account.revoke(held);
      await clock.sleep(Math.max(provider.propagation.revokeMs, dialect.delays.revokeMs));
      const dead = await ask(value);
      expect(alive.verdict).toBe('accepted');
      expect(deadVerdicts(provider)).toContain(dead.verdict);
      expect(dead.call).toEqual(alive.call);
      if (other) expect((await ask(other)).verdict).toBe('accepted');
    },
  },
  {
    name: 'where a key tells nothing by itself, nobody concludes anything without the issuer credential',
    kinds: ['issue', 'install'],
    where: isVerifiedBeside,
    async run({ newKey, provider, bind, calls, connector, settings, clock }) {
      const value = await newKey();
      expect(await provider.verify(value)).toBe('accepted');
      const callsBefore = calls.length;
      expect(await verifyKey(connector, value, settings, clock)).toBe('unknown');
      expect(await bind({ issuer: {} }).verify(value)).toBe('unknown');
      expect(calls.length).toBe(callsBefore);
    },
  },
];
