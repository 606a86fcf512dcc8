// The root as the key that Keyturn keeps: what `verify` concludes of it, and how it is made and ended.
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';
import { expectError } from '../checks/check';
import { nameOfFault } from '../checks/provider-faults';
import { expectVerdicts } from '../checks/verdict-cases';
import { type MintCheck, makesRoots } from './mint-setup';

const doubtful: ProviderFault[] = [
  ...[400, 403, 404, 418, 429, 500, 503].map((status): ProviderFault => ({ kind: 'status', status })),
  { kind: '429' },
  { kind: 'drop-before' },
  { kind: 'drop-after' },
  { kind: 'hang' },
  {
    kind: 'rewrite',
    change: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' }),
  },
];

export const rootChecks: MintCheck[] = [
  {
    name: 'a live root is accepted, a dead one rejected, and each is asked once',
    async run({ provider, root, deadRoot, calls }) {
      expect(await provider.verify(root)).toBe('accepted');
      expect(await provider.verify(deadRoot())).toBe('rejected');
      expect(calls.map(({ kind }) => kind)).toEqual(['verify', 'verify']);
    },
  },
  {
    name: 'the id of one root with the secret of another is not accepted',
    where: connector => connector.keyIdOf === undefined,
    async run({ provider, root, dialect, settings, account }) {
      const other = dialect.root!(settings, account);
      expect(await provider.verify({ ...root, secret: other.secret })).toBe('rejected');
    },
  },
  {
    name: 'the id of a root is told by its secret',
    where: connector => connector.keyIdOf !== undefined,
    async run({ connector, root }) {
      expect(connector.keyIdOf!(root.secret)).toBe(root.keyId);
    },
  },
  {
    name: 'what is no root at all is not accepted, and shows nowhere',
    async run(setup) {
      for (const secret of [
        'FAKESECRET',
        '-----BEGIN PRIVATE KEY-----\nFAKESECRET\n-----END PRIVATE KEY-----\n',
      ]) {
        const root = { ...setup.root, secret };
        expect(await setup.provider.verify(root)).not.toBe('accepted');
        const error = await setup
          .mintFrom(root)
          .mint(setup.scopes, 3600)
          .catch((thrown: Error) => thrown);
        const { code } = error as { code?: string };
        expect(['bad-secret', 'key-rejected']).toContain(code);
        await expectError(Promise.reject(error), code as 'bad-secret', setup);
      }
    },
  },
  ...doubtful.map(
    (fault): MintCheck => ({
      name: `verify is unknown on ${nameOfFault(fault)}`,
      async run({ provider, root, faults }) {
        faults(() => fault);
        expect(await provider.verify(root)).toBe('unknown');
        faults(() => undefined);
        expect(await provider.verify(root)).toBe('accepted');
      },
    }),
  ),
  {
    name: 'only the provider’s own words, in their place, say that a root is dead or that it lives',
    run: async setup => expectVerdicts(setup, () => setup.provider.verify(setup.root)),
  },
  {
    name: 'a root is made, mints, and ends by what its own value holds; again is success',
    where: makesRoots,
    async run({ provider, clock, keyName, mintFrom, scopes, account }) {
      const root = await provider.make(keyName(), clock.now());
      expect(account.keys.find(({ id }) => id === root.keyId)?.name).toBe(keyName());
      await mintFrom(root).mint(scopes, 3600);
      await provider.revoke(root.keyId, root);
      expect(await provider.verify(root)).toBe('rejected');
      await provider.revoke(root.keyId, root);
    },
  },
  {
    name: 'making a root is sent once, whatever happens',
    where: makesRoots,
    async run(setup) {
      for (const kind of ['429', 'drop-before', 'drop-after', 'hang'] as const) {
        const before = setup.calls.length;
        setup.faults(() => ({ kind }));
        await expectError(
          setup.provider.make(setup.keyName(), setup.clock.now()),
          kind === '429' ? 'rate-limited' : 'no-answer',
          setup,
        );
        expect(setup.calls.length - before).toBe(1);
      }
    },
  },
  {
    name: 'an issuer credential for another host is sent nowhere',
    where: makesRoots,
    async run(setup) {
      const { connector, dialect, settings } = setup;
      const own = new URL(dialect.origins(settings)[0]!).host;
      const elsewhere = (value: object) =>
        JSON.parse(JSON.stringify(value).replaceAll(own, 'login.example.org'));
      // Where no settings choose the host, there is no other.
      if (connector.origins(elsewhere(settings)).join() === connector.origins(settings).join()) return;
      const provider = setup.bind({ issuer: elsewhere(dialect.issuer(settings)) });
      await expectError(provider.make(setup.keyName(), setup.clock.now()), 'bad-issuer', setup);
      expect(setup.calls).toEqual([]);
    },
  },
  {
    name: 'a root that only a person can make has no other calls, and what a person does is said',
    // Settings with a way to make roots can do without it only where we know by which of them.
    where: (connector, sample) => !makesRoots(connector, sample) || 'registrationUrl' in sample,
    settings: ({ registrationUrl: _, ...settings }) => settings,
    async run(setup) {
      const { connector, provider, root, deadRoot } = setup;
      expect(provider).toMatchObject({ kind: 'manual', steps: connector.steps });
      expect(await provider.verify(root)).toBe('accepted');
      expect(await provider.verify(deadRoot())).toBe('rejected');
    },
  },
  {
    name: 'settings with a misspelt field are refused, by name',
    async run({ bind, settings }) {
      expect(() => bind({ spec: { settings: { ...settings, tokneUrl: 'typo' } } })).toThrow(/"tokneUrl"/);
    },
  },
  {
    name: 'nobody lists roots: what is stored is looked at before another is made',
    where: makesRoots,
    async run({ provider }) {
      expect(provider.kind).toBe('exclusive');
      expect(await provider.list()).toEqual([]);
    },
  },
];
