// Where credentials may go, and what is refused before anything is sent.
import type { Connector } from '../../../../connectors/contract/connector';
import { type Check, deadVerdicts, expectError, handMade, operations } from './check';
import { expectPlaceholder, expectPresented } from './presented';

const called = ['issue', 'install', 'roll', ...handMade] as const;

/** Told from the outside: whatever stands in the settings becomes the host. */
function settingsChooseHost(connector: Connector): boolean {
  if (connector.kind === 'self-issued') return false;
  const settings = new Proxy({}, { get: () => 'host.example.com' });
  return connector.origins(settings).includes('https://host.example.com');
}

export const boundaryChecks: Check[] = [
  {
    name: 'only documented calls at the provider’s own hosts are made',
    kinds: called,
    async run(setup) {
      const values = [await setup.newKey('version-1'), await setup.newKey('version-2')];
      await setup.provider.verify(values[0]!);
      for (const [name, operation] of Object.entries(operations(setup, values)))
        if (name !== 'create') await operation();
      expect(setup.violations).toEqual([]);
      const hosts = setup.dialect.origins(setup.settings);
      for (const { origin } of setup.calls) expect(hosts).toContain(origin);
    },
  },
  {
    name: 'the key works for an ordinary call of an MCP server',
    kinds: called,
    async run({ newKey, useRequest }) {
      const { url, ...request } = useRequest(await newKey());
      expect((await fetch(url, request)).ok).toBe(true);
    },
  },
  {
    name: 'servers send the key to the stated hosts, and in a stated place',
    kinds: called,
    async run({ connector, settings, newKey, useRequest }) {
      const value = await newKey();
      expectPresented(connector, settings, value, useRequest(value));
    },
  },
  {
    name: 'the placeholder looks like a key, and is none',
    kinds: called,
    async run({ connector, newKey, provider }) {
      const secret = expectPlaceholder(connector);
      const value = { ...(await newKey()), secret };
      // Nobody can be asked about a private key that is none.
      const verdicts = secret.startsWith('-----BEGIN') ? ['unknown'] : deadVerdicts(provider);
      expect(verdicts).toContain(await provider.verify(value));
    },
  },
  {
    name: 'where a rejection means that nothing was done, a dead key does nothing',
    kinds: called,
    where: connector => 'presents' in connector && connector.unauthorizedMeansNotDone,
    async run({ newKey, useRequest, account, clock, provider }) {
      const value = await newKey();
      for (const key of account.keys) account.revoke(key);
      await clock.sleep(provider.propagation.revokeMs);
      const { url, ...request } = useRequest(value);
      const { status } = await fetch(url, request);
      expect([status, status >= 400 && status < 500]).toEqual([status, true]);
    },
  },
  {
    name: 'an issuer credential of another shape is refused before any call, and not quoted',
    kinds: ['issue', 'install', 'roll', 'revoke-only'],
    async run(setup) {
      for (const issuer of [
        undefined,
        null,
        'FAKESECRETplain',
        {},
        { state: 'unissued' },
        { key: 'FAKESECRETwrongfield' },
      ]) {
        const provider = setup.bind({ issuer: issuer ?? null });
        const work = async () => {
          if (setup.connector.kind === 'revoke-only') return void (await provider.list());
          const value = await provider.make(setup.keyName(), setup.clock.now());
          await provider.install(value);
        };
        const { message } = await expectError(work(), 'bad-issuer', setup);
        expect(message).toContain(`npx keyturn issuer set ${setup.connector.provider} --env prod`);
      }
      expect(setup.calls).toEqual([]);
    },
  },
  {
    name: 'the issuer credential is sent to no host but its own',
    kinds: ['issue', 'install', 'roll'],
    where: settingsChooseHost,
    async run(setup) {
      const issuer = setup.dialect.issuer(setup.settings);
      const [own = ''] = setup.dialect.origins(setup.settings);
      const foreign = JSON.parse(JSON.stringify(issuer).replaceAll(new URL(own).host, 'login.example.com'));
      expect(foreign).not.toEqual(issuer);
      const provider = setup.bind({ issuer: foreign });
      const value = { ...(await setup.newKey()), keyId: 'other' };
      const callsBefore = setup.calls.length;
      const install = setup.connector.kind === 'issue' ? provider.list() : provider.install(value);
      await expectError(install, 'bad-issuer', setup);
      expect(setup.calls.length).toBe(callsBefore);
    },
  },
  {
    name: 'settings with a misspelt field are refused, by name',
    kinds: [...called, 'self-issued'],
    async run(setup) {
      const settings = { ...setup.settings, projcet: 'typo' };
      expect(() => setup.bind({ spec: { settings } })).toThrow(/"projcet"/);
    },
  },
  {
    name: 'ids that would change the path are refused before any call',
    kinds: ['issue', 'revoke-only'],
    async run(setup) {
      const pathsFor = async (id: string) => {
        const before = setup.calls.length;
        const outcome = await setup.provider.revoke(id).then(
          () => 'done',
          (error: { code?: string }) => error.code,
        );
        return { outcome, paths: setup.calls.slice(before).map(({ path }) => path) };
      };
      await setup.provider.list();
      await pathsFor('no-such-key');
      const usual = setup.calls.map(({ path }) => path);
      for (const id of ['..', '.', '']) {
        const { outcome, paths } = await pathsFor(id);
        // Either refused, or sent where the id is no part of the path.
        if (outcome !== 'refused') expect(usual).toEqual(expect.arrayContaining(paths));
        expect(setup.violations).toEqual([]);
      }
    },
  },
];
