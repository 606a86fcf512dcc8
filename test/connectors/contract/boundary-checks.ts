// Where credentials may go, and what is refused before anything is sent.
import type { Connector } from '../../../connectors/contract/connector';
import { type Check, expectError, operations } from './check';

const called = ['issue', 'install', 'roll'] as const;

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
    async run(bench) {
      const values = [await bench.newKey('version-1'), await bench.newKey('version-2')];
      await bench.provider.verify(values[0]!);
      for (const [name, operation] of Object.entries(operations(bench, values)))
        if (name !== 'create') await operation();
      expect(bench.violations).toEqual([]);
      const hosts = bench.dialect.origins(bench.settings);
      for (const { origin } of bench.calls) expect(hosts).toContain(origin);
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
    name: 'an issuer credential of another shape is refused before any call, and not quoted',
    kinds: called,
    async run(bench) {
      for (const issuer of [
        undefined,
        null,
        'FAKESECRETplain',
        {},
        { state: 'unissued' },
        { key: 'FAKESECRETwrongfield' },
      ]) {
        const provider = bench.bind({ issuer: issuer ?? null });
        const work = async () => {
          const value = await provider.make(bench.keyName(), bench.clock.now());
          await provider.install(value);
        };
        const { message } = await expectError(work(), 'bad-issuer', bench);
        expect(message).toContain(`keyturn issuer set ${bench.connector.provider} --env prod`);
      }
      expect(bench.calls).toEqual([]);
    },
  },
  {
    name: 'the issuer credential is sent to no host but its own',
    kinds: called,
    where: settingsChooseHost,
    async run(bench) {
      const issuer = bench.dialect.issuer(bench.settings);
      const [own = ''] = bench.dialect.origins(bench.settings);
      const foreign = JSON.parse(JSON.stringify(issuer).replaceAll(new URL(own).host, 'login.example.com'));
      expect(foreign).not.toEqual(issuer);
      const provider = bench.bind({ issuer: foreign });
      const value = { ...(await bench.newKey()), keyId: 'other' };
      const callsBefore = bench.calls.length;
      const install = bench.connector.kind === 'issue' ? provider.list() : provider.install(value);
      await expectError(install, 'bad-issuer', bench);
      expect(bench.calls.length).toBe(callsBefore);
    },
  },
  {
    name: 'settings with a misspelt field are refused, by name',
    kinds: ['issue', 'install', 'roll', 'self-issued'],
    async run(bench) {
      const settings = { ...bench.settings, projcet: 'typo' };
      expect(() => bench.bind({ spec: { settings } })).toThrow(/"projcet"/);
    },
  },
  {
    name: 'ids that would change the path are refused before any call',
    kinds: ['issue'],
    async run(bench) {
      for (const id of ['..', '.', '']) {
        const callsBefore = bench.calls.length;
        const outcome = await bench.provider.revoke(id).then(
          () => 'done',
          (error: { code?: string }) => error.code,
        );
        const paths = bench.calls.slice(callsBefore).map(({ path }) => path);
        // Either refused, or sent where the id is no part of the path.
        expect(outcome === 'refused' || new Set(paths).size <= 1).toBe(true);
        expect(bench.violations).toEqual([]);
      }
    },
  },
];
