// What `keyturn connector new` writes compiles, and no promise is kept by it before somebody has written the connector.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import * as z from 'zod/mini';
import { filesOf, writeFiles } from '../../../bin/scaffold/files';
import {
  type ConnectorPlan,
  kindNamed,
  originNamed,
  planOf,
  prefixNamed,
  providerMaxLength,
  providerNamed,
  registry,
  scaffoldKinds,
} from '../../../bin/scaffold/plan';
import type { Connector } from '../../../connectors/contract/connector';
import { connectors } from '../../../connectors/index';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Dialect } from '../../../rehearsal/providers/dialect';
import type { AnyMint } from '../../connectors/contract/mint/mint-setup';
import { checksOf } from '../../connectors/contract/suite';
import { root } from '../../docs/documents';
import { sitDown } from '../support/person';

const clock = { now: () => new Date('2026-11-29T12:00:00Z'), sleep: async () => {} };
let folder: string;
let inside: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-scaffold-'));
  // As Keyturn's own repository looks to the command.
  inside = join(folder, 'inside');
  mkdirSync(join(inside, 'rehearsal/providers/dialects'), { recursive: true });
  mkdirSync(join(inside, 'connectors'));
  for (const file of [registry, 'connectors/index.ts'])
    writeFileSync(join(inside, file), readFileSync(join(root, file)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const plans = (place: string): ConnectorPlan[] => [
  // Names that TypeScript would read as something else.
  ...['acme-2fa', 'new'].map(provider =>
    planOf({ provider, kind: 'issue', origin: 'https://x.example', prefix: '' }, place, clock.now()),
  ),
  ...scaffoldKinds.map((kind, index) =>
    planOf(
      { provider: `acme-${kind}`, kind, origin: 'https://api.example.com', prefix: index % 2 ? '' : 'ak.' },
      place,
      clock.now(),
    ),
  ),
];

test('files of every kind compile and pass the linter, in this repository and in one of a team', () => {
  const team = join(folder, 'team');
  for (const [place, each] of [
    [inside, plans(inside)],
    [team, plans(team)],
  ] as const)
    for (const plan of each) writeFiles(filesOf(plan, place), place);
  const begun = plans(inside).map(({ provider }) => provider);
  const known = `import type { ProviderId } from './index';
export const begun: ProviderId[] = ${JSON.stringify(begun)};
// @ts-expect-error: nobody has begun it.
export const other: ProviderId = 'acme-other';
`;
  writeFileSync(join(inside, 'connectors/known.ts'), known);
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDirs: [inside, root],
      paths: {
        'keyturn/connectors': [join(root, 'connectors/toolkit.ts')],
        'keyturn/connectors/suite': [join(root, 'test/connectors/contract/suite.ts')],
        '*': [join(root, 'node_modules/*'), join(root, 'node_modules/@types/*')],
      },
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node', 'jest'],
    },
    include: [join(inside, '**/*.ts'), join(team, '**/*.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const installed = join(root, 'node_modules');
  const ran = (cwd: string, ...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
    return { said: status === 0 ? '' : stdout + stderr, status };
  };
  const passed = { said: '', status: 0 };
  expect(ran(folder, join(installed, 'typescript/bin/tsc'), '--noEmit', '--project', '.')).toEqual(passed);
  // A team has rules of its own, or those that Biome recommends.
  cpSync(join(root, 'biome.json'), join(inside, 'biome.json'));
  for (const place of [inside, team])
    expect(ran(place, join(installed, '@biomejs/biome/bin/biome'), 'lint', '.')).toEqual(passed);
});

function exportsOf<T>(text: string): T {
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as T };
  new Function('require', 'module', 'exports', code)(require, module, module.exports);
  return module.exports;
}

/** What nothing else has to be written before. */
const functions: Record<(typeof scaffoldKinds)[number], string[]> = {
  issue: ['create', 'list'],
  install: ['install'],
  roll: ['install'],
  mint: ['mint', 'verify'],
  'revoke-only': ['list', 'revoke', 'verify'],
  manual: ['verify'],
  federate: ['exchange'],
};

test.each(scaffoldKinds)(
  'the suite runs on a new connector of kind %s, and says what to write',
  async kind => {
    const plan = plans(join(folder, 'nowhere')).find(({ provider }) => provider === `acme-${kind}`)!;
    const files = filesOf(plan, join(folder, 'nowhere'));
    const { [plan.constant]: connector } = exportsOf<Record<string, Connector>>(
      files[plan.places.connector]!,
    );
    const { dialect } = exportsOf<{ dialect: Dialect }>(files[plan.places.dialect]!);
    const told: string[] = [];
    let kept = 0;
    const checks = checksOf(connector!, dialect);
    for (const { run } of checks)
      await run().then(
        () => kept++,
        (error: Error) => told.push(String(error.message)),
      );
    for (const part of functions[kind])
      expect(told.some(text => text.includes(`connectors/acme-${kind}.ts, ${part}: `))).toBe(true);
    // A few are about what a connector never does, such as calling a host that is not its own.
    expect(kept).toBeLessThan(checks.length * 0.7);
  },
);

test('what mints keeps every promise once its parts are written, at the provider that its dialect plays', async () => {
  const nowhere = join(folder, 'nowhere');
  const plan = plans(nowhere).find(({ kind }) => kind === 'mint')!;
  const files = filesOf(plan, nowhere);
  const begun = exportsOf<Record<string, AnyMint>>(files[plan.places.connector]!)[plan.constant]!;
  const { dialect } = exportsOf<{ dialect: Dialect }>(files[plan.places.dialect]!);
  const basic = ({ keyId, secret }: SecretValue) => ({ user: keyId, password: secret });
  const said = (what: string) =>
    z.object({ error: z.literal(`fill in: the words for a ${what} that is not valid`) });
  const minted = z.object({ access_token: z.string(), expires_in: z.number(), scope: z.string() });
  const written: AnyMint = {
    ...begun,
    async mint(http, root, { scopes }) {
      const form = { grant_type: 'client_credentials', scope: scopes.join(' ') };
      const call = { basic: basic(root), form, expect: [400, 401], needs: 'a client' };
      const { status, body } = await http.send('POST', '/oauth/token', call);
      if (said('root').safeParse(body).success)
        throw new KeyturnError('key-rejected', 'It is not accepted; store another with `npx keyturn adopt`');
      const read = minted.safeParse(body);
      if (!read.success)
        throw new KeyturnError(status < 300 ? 'bad-reply' : 'refused', `answered ${status} for [${scopes}]`);
      const { access_token: token, expires_in, scope } = read.data;
      const expiresAt = new Date(http.now().getTime() + expires_in * 1000).toISOString();
      return { token, expiresAt, scopes: scope.split(' ') };
    },
    verifyToken: (http, token) =>
      http.probe('GET', '/oauth/token', { bearer: token }, [
        ['accepted', 200, z.object({ token: z.string() })],
        ['rejected', 401, said('token')],
      ]),
    tokenRevoker: () => async (http, _root, token) => {
      await http.send('DELETE', '/oauth/token', { bearer: token, expect: [401], needs: 'nothing' });
    },
    verify: (http, root) =>
      http.probe('GET', '/me', { basic: basic(root) }, [
        ['accepted', 200, z.object({ client: z.string() })],
        ['rejected', 401, said('root')],
      ]),
  };
  for (const { run } of checksOf(written as Connector, dialect)) await run();
});

test.each([
  ['aaa', 'aaa'],
  ['mailjet', 'mailjet'],
  ['zzz', 'zzz'],
  ['new', 'providerNew as new'],
  ['acme-mail', "acmeMail as 'acme-mail'"],
])('in this repository, %s is two new files, and one new line of the registry', (provider, named) => {
  const plan = planOf(
    { provider, kind: 'issue', origin: 'https://x.example', prefix: '' },
    root,
    clock.now(),
  );
  const files = filesOf(plan, root);
  expect(Object.keys(files).filter(file => existsSync(join(root, file)))).toEqual([registry]);
  expect(Object.keys(files)).toHaveLength(3);
  const before = readFileSync(join(root, registry), 'utf8').split('\n');
  const after = files[registry]!.split('\n');
  const line = `export { ${named} } from './providers/${provider}';`;
  expect(after.filter(each => each !== line)).toEqual(before);
  const names = after.flatMap(each => /^export .*?'?([\w-]+)'? \}/.exec(each)?.[1] ?? []);
  expect(names).toEqual([...Object.keys(connectors), provider].sort());
});

test.each([
  [() => providerNamed('issuers'), /kept for issuer credentials/],
  [() => providerNamed('Acme'), /"Acme" is not a provider name/],
  [() => providerNamed('a2345678901234567'), /has 17 characters/],
  [() => providerNamed('sendgrid'), /is a provider of Keyturn already/],
  [() => kindNamed('rolling'), /use one of issue, install, roll, mint, revoke-only, manual, federate/],
  [() => kindNamed('self-issued'), /name the provider self-issued in config\/keys.ts/],
  [() => originNamed('http://api.example.com'), /not the address of an API/],
  [() => originNamed('https://api.example.com/v1'), /not the address of an API/],
  [() => originNamed('api.example.com'), /not the address of an API/],
  [() => prefixNamed('sk\n`'), /key prefix/],
  [() => prefixNamed("'"), /key prefix/],
])('what cannot be is refused: %s', (act, words) => expect(act).toThrow(words));

test('no provider has a longer name than a new one may have', () => {
  expect(Object.keys(connectors).filter(name => name.length > providerMaxLength)).toEqual([]);
});

test('a provider of 16 characters may be, and an address with a port', () => {
  expect(providerNamed('a234567890123456')).toBe('a234567890123456');
  expect(originNamed('https://api.example.com:8443/')).toBe('https://api.example.com:8443');
});

test('the command writes the files, names them, and never writes over one', async () => {
  const before = process.cwd();
  const place = mkdtempSync(join(folder, 'command-'));
  process.chdir(place);
  try {
    const line = ['connector', 'new', 'acme-mail', '--origin', 'https://api.example.com', '--kind', 'issue'];
    const missing = await sitDown(line.slice(0, 3), { piped: '' }, clock);
    expect(missing.code).not.toBe(0);
    expect(existsSync('connectors')).toBe(false);
    const first = await sitDown([...line, '--prefix', '', '--json'], { piped: '' }, clock);
    expect([first.code, first.err]).toEqual([0, '']);
    const { files } = JSON.parse(first.out) as { files: string[] };
    expect(files).toEqual(['', '-dialect', '.test'].map(end => `connectors/acme-mail${end}.ts`));
    for (const file of files) expect(existsSync(file)).toBe(true);
    const again = await sitDown([...line, '--prefix', ''], { piped: '' }, clock);
    expect(again.err).toMatch(/connectors\/acme-mail.ts is there already/);
    expect(again.code).toBe(2);
  } finally {
    process.chdir(before);
  }
});
