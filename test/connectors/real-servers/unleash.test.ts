// The connector against a real Unleash, on a PostgreSQL of its own, where both are installed: see from-npm.ts.
import { spawn } from 'node:child_process';
import { bindConnector } from '../../../connectors/contract/bind';
import type { Connector } from '../../../connectors/contract/connector';
import { unleash } from '../../../connectors/providers/unleash';
import type { IssueProvider } from '../../../core/provider';
import { type FromNpm, type Place, serverFromNpm, serveWithDatabase } from './from-npm';

const installed = serverFromNpm('unleash-server');
const whereThere = installed ? test : test.skip;
const types = ['backend', 'frontend'] as const;
const host = 'unleash.example.com';
const admin = `*:*.${'0123456789abcdef'.repeat(4)}`;
const clock = { now: () => new Date(), sleep: async () => {} };

describe.each([
  ['in clear', {}],
  ['hashed', { UNLEASH_EXPERIMENTAL_SECURE_TOKEN: 'true' }],
])('a server that keeps tokens %s', (_, variables) => {
  serveWithDatabase(installed, { host, ready: '/ready', start });

  function start(installed: FromNpm, { port, databasePort }: Place) {
    const options = {
      db: {
        host: '127.0.0.1',
        port: databasePort,
        user: 'root',
        password: '',
        database: 'postgres',
        ssl: false,
      },
      server: { port, host: '127.0.0.1' },
      authentication: {
        type: 'open-source',
        initApiTokens: [
          { environment: '*', project: '*', secret: admin, type: 'admin', tokenName: 'keyturn' },
        ],
      },
      versionCheck: { enable: false },
      telemetry: false,
    };
    const script = `(await import('unleash-server')).start(${JSON.stringify(options)})`;
    const args = ['--input-type=module', '-e', script];
    const env = { PATH: process.env.PATH, ...variables };
    return spawn(installed.node, args, { cwd: installed.folder, env, stdio: 'ignore' });
  }

  function bound(type: (typeof types)[number], token = admin): IssueProvider {
    const settings = { host, type, environment: 'development', projects: ['default'] };
    return bindConnector(unleash as Connector, {
      readIssuer: async () => ({ host, token }),
      environment: 'prod',
      spec: { scopes: [], settings, maxGapDays: 31, overlapHours: 24 },
      clock,
    }) as unknown as IssueProvider;
  }

  whereThere('tokens are made, listed, accepted, and end within a minute', async () => {
    await Promise.all(types.map(type => lives(bound(type), type)));
  });

  async function lives(provider: IssueProvider, type: string): Promise<void> {
    const first = await provider.make(`keyturn-${type}-1`, new Date());
    const second = await provider.make(`keyturn-${type}-2`, new Date());
    expect([await provider.verify(first), await provider.verify(second)]).toEqual(['accepted', 'accepted']);
    expect(Date.parse(first.expiresAt ?? '')).toBeGreaterThan(Date.now());
    const listed = await provider.list();
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([first.keyId, second.keyId]));
    expect(JSON.stringify(listed)).not.toContain(first.secret);
    await provider.revoke(first.keyId);
    await provider.revoke(first.keyId);
    expect((await provider.list()).map(({ id }) => id)).not.toContain(first.keyId);
    const unknown = second.secret.replace(/.$/, last => (last === 'a' ? 'b' : 'a'));
    expect(await provider.verify({ ...second, secret: unknown })).toBe('rejected');
    for (let tries = 0; (await provider.verify(first)) !== 'rejected'; tries++) {
      expect(tries).toBeLessThan(70);
      await new Promise(resolve => setTimeout(resolve, 1_000));
    }
    expect(await provider.verify(second)).toBe('accepted');
  }

  whereThere('a token of the other type is alive, and a stranger makes none', async () => {
    const backend = await bound('backend').make('keyturn-other', new Date());
    expect(await bound('frontend').verify(backend)).toBe('accepted');
    const stranger = bound('backend', 'user:FAKESECRETstranger');
    await expect(stranger.make('keyturn-none', new Date())).rejects.toMatchObject({
      code: 'issuer-rejected',
    });
  });
});
