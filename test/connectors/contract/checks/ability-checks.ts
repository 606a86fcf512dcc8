// What only some providers do: issuers that sign in, failures inside a success, keys that end sooner than we end them.
import type { Connector } from '../../../../connectors/contract/connector';
import { hourMs } from '../../../../core/time';
import type { CallKind } from '../../../../rehearsal/providers/dialect';
import type { ProviderSetup } from '../../../support/provider-setup';
import { type Check, expectError, operations, otherIssuer } from './check';

const called = ['issue', 'install', 'roll'] as const;
const signsIn = (connector: Connector) => 'signIn' in connector && connector.signIn !== undefined;

const signInsOf = ({ calls }: ProviderSetup) => calls.filter(({ kind }) => kind === 'sign-in').length;

/** Keys, and what a rotation does with them. */
async function opened(setup: ProviderSetup): Promise<[string, () => Promise<unknown>][]> {
  const values = [await setup.newKey('version-1')];
  return Object.entries(operations(setup, values));
}

/** Leaves the place as it was before the first key. */
async function endAll({ connector, provider }: ProviderSetup): Promise<void> {
  if (connector.kind === 'roll') return;
  for (const { id } of await provider.list()) await provider.revoke(id);
}

const signInChecks: Check[] = [
  {
    name: 'the issuer signs in once for as long as its token lives, and no other call carries its credential',
    kinds: called,
    async run(setup) {
      for (const [, operation] of await opened(setup)) await operation();
      expect(signInsOf(setup)).toBe(signsIn(setup.connector) ? 1 : 0);
      if (!signsIn(setup.connector)) return;
      const secrets = Object.values(setup.dialect.issuer(setup.settings)).filter(text =>
        /FAKESECRET|^-----BEGIN/.test(text),
      );
      expect(secrets).not.toEqual([]);
      const others = setup.exchanges.filter((_one, at) => setup.calls[at]?.kind !== 'sign-in');
      for (const { call } of others)
        for (const secret of secrets) expect(JSON.stringify(call.headers) + call.text).not.toContain(secret);

      const { at, index } = setup.calls.find(({ kind }) => kind === 'sign-in') ?? {
        at: setup.clock.now(),
        index: 0,
      };
      const told = setup.exchanges[index]?.reply.body as { expires_in?: number; expires_at?: string };
      const endMs = told.expires_at
        ? Date.parse(told.expires_at)
        : Number(at) + (told.expires_in ?? 0) * 1000;
      await setup.clock.sleep(endMs - Number(setup.clock.now()) - 1000);
      const [[, operation] = []] = Object.entries(operations(setup, [await setup.newKey('version-2')]));
      await operation?.();
      expect(signInsOf(setup)).toBe(2);
    },
  },
  {
    name: 'a token that the provider takes no more is fetched anew for the next call',
    kinds: called,
    where: signsIn,
    async run(setup) {
      const [[, operation] = []] = await opened(setup);
      setup.faultOnce({ kind: 'status', status: 401 });
      await expectError(operation?.() ?? Promise.resolve(), 'issuer-rejected', setup);
      setup.faults(() => undefined);
      await operation?.();
      expect(signInsOf(setup)).toBe(2);
    },
  },
  {
    name: 'a sign-in whose answer gets lost is done again; one that is refused is the credential’s fault',
    kinds: called,
    where: signsIn,
    async run(setup) {
      setup.faultOnce({ kind: 'drop-after' }, ['sign-in']);
      await opened(setup);
      expect(signInsOf(setup)).toBe(2);
      const before = setup.calls.length;
      const provider = setup.bind({ issuer: otherIssuer(setup) });
      const work = async () => {
        const value = await provider.make(setup.keyName('version-3'), setup.clock.now());
        await provider.install(value);
      };
      const { message } = await expectError(work(), 'issuer-rejected', setup);
      expect(message).toContain(`npx keyturn issuer set ${setup.connector.provider}`);
      expect(setup.calls.slice(before).map(({ kind }) => kind)).toEqual(['sign-in']);
    },
  },
];

export const abilityChecks: Check[] = [
  ...signInChecks,
  {
    name: 'a failure that the provider tells inside a success is one',
    kinds: called,
    async run(setup) {
      for (const [, operation] of await opened(setup)) {
        for (const [code, reply] of setup.dialect.failuresInside ?? []) {
          setup.faults(({ kind }) =>
            kind === 'sign-in' ? undefined : { kind: 'rewrite', change: () => reply },
          );
          await expectError(operation(), code, setup);
        }
        setup.faults(() => undefined);
      }
    },
  },
  {
    name: 'another status of success with the same answer is success, and a web page never is',
    kinds: called,
    async run(setup) {
      for (const [, operation] of await opened(setup)) {
        setup.faults(() => ({
          kind: 'rewrite',
          change: reply =>
            reply.status < 300 ? { ...reply, status: reply.status === 200 ? 203 : 200 } : reply,
        }));
        await operation();
        const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };
        setup.faults(() => ({ kind: 'instead', answer: () => page }));
        await expectError(operation(), 'bad-reply', setup);
        setup.faults(() => undefined);
      }
    },
  },
  {
    name: 'no error of any one call quotes a secret, even where the path holds it',
    kinds: called,
    async run(setup) {
      // Another run, which has seen no key yet, so that nothing but the connector keeps one out of an error.
      const later = { ...setup, provider: setup.bind({}) };
      const kinds = ['sign-in', 'list', 'create', 'install', 'revoke'] satisfies CallKind[];
      const names = Object.keys(operations(later, [await setup.newKey('version-1')]));
      for (const [name, kind] of names.flatMap(name => kinds.map(kind => [name, kind] as const))) {
        await endAll(setup);
        const values = [await setup.newKey('version-1')];
        const before = setup.calls.length;
        setup.faults(call => (call.kind === kind ? { kind: 'status', status: 500 } : undefined));
        const failed = await operations(later, values)
          [name]?.()
          .then(
            () => undefined,
            (error: unknown) => error,
          );
        if (setup.calls.slice(before).some(call => call.kind === kind))
          await expectError(Promise.reject(failed), 'provider-down', setup);
        setup.faults(() => undefined);
      }
    },
  },
  {
    name: 'the provider ends the key before after as long as stated, and no sooner',
    kinds: ['issue'],
    where: connector => 'maxOverlapHours' in connector,
    async run({ connector, newKey, provider, clock }) {
      const first = await newKey('version-1');
      const second = await newKey('version-2');
      const { maxOverlapHours = 0 } = connector as { maxOverlapHours?: number };
      await clock.sleep((maxOverlapHours - 1) * hourMs);
      expect(await provider.verify(first)).toBe('accepted');
      await clock.sleep(2 * hourMs);
      expect([await provider.verify(first), await provider.verify(second)]).toEqual(['rejected', 'accepted']);
    },
  },
];
