// What `verify` may conclude, and from what.
import { verifyKey } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { type Check, deadVerdicts, handMade, mangled } from './check';

const called = ['issue', 'install', 'roll', ...handMade] as const;

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
