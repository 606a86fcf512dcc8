// What npm would publish, installed once outside the clone, in a folder whose name has all that names can have.
import { execFile } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keysInputOf } from '../../bin/init/keys-file';
import { validateConfig } from '../../lib/config/validate-config';
import { buildApp } from '../../lib/stacks/app';
import { createCommand, installCommand, installFrom, type Packed } from '../../scripts/packed';
import { packedOnce } from '../support/packed-once';
import { runFolder } from '../support/run-folder';
import { openSecrets } from '../support/secrets';
import { openGateway } from './gateway';
import { lanesOf } from './lanes-of';

const minutes = 60_000;
const answers = {
  environment: 'prod',
  account: '111122223333',
  region: 'eu-central-1',
  servers: [{ name: 'support-bot', providers: ['sendgrid' as const, 'openai' as const] }],
};
const flags = [
  '--account',
  answers.account,
  '--region',
  answers.region,
  '--server',
  'support-bot=sendgrid,openai',
];

let packed: Packed;
let folder: string;
let repository: string;
let own: string;
/** Of a reader's shell: nothing of Jest's and npm's own. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|JEST_|NODE_ENV$)/.test(name)),
);

function run(
  [program = '', ...args]: string[],
  cwd = repository,
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(program, args, { cwd, env, timeout: 14 * minutes, maxBuffer: 64 * 1024 * 1024 });
}

beforeAll(async () => {
  folder = mkdtempSync(join(runFolder(), 'packed-'));
  packed = await packedOnce();
  repository = join(folder, `our keys #1 'q' "d" %41 ü 日本 $x`);
  await run([...createCommand(packed), repository, ...flags], folder);
  installFrom(packed, repository);
  await run(installCommand);
  own = join(folder, 'own connector');
  cpSync(join(__dirname, '../../examples/own-connector'), own, { recursive: true });
  // Installed from the same tarballs.
  symlinkSync(join(repository, 'node_modules'), join(own, 'node_modules'));
}, 15 * minutes);
afterAll(() => rmSync(folder, { recursive: true }));

test('a second start in the same folder changes nothing', async () => {
  const before = readFileSync(join(repository, 'config/keys.ts'), 'utf8');
  await expect(run([...createCommand(packed), repository, ...flags], folder)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not empty'),
  });
  expect(readFileSync(join(repository, 'config/keys.ts'), 'utf8')).toBe(before);
});

test('`npx cdk synth` gives the templates and functions that a clone gives', async () => {
  await run(['npx', 'cdk', 'synth', '--quiet', '-c', 'environment=prod']);
  const outdir = join(folder, 'from-clone');
  // Which the CDK's command line sets besides.
  const context = {
    environment: 'prod',
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
  };
  buildApp({
    config: validateConfig(keysInputOf(answers)),
    outdir,
    context,
  }).synth();
  const ofPackage = join(repository, 'cdk.out');
  // An asset is named by the hash of what is in it.
  const assets = (directory: string) => readdirSync(directory).filter(name => name.startsWith('asset.'));
  expect(assets(outdir).length).toBeGreaterThan(0);
  expect(assets(ofPackage)).toEqual(assets(outdir));
  const templates = readdirSync(outdir).filter(name => name.endsWith('.template.json'));
  expect(templates).toEqual(['keyturn-prod-support-bot.template.json', 'keyturn-prod.template.json']);
  for (const file of templates)
    expect(JSON.parse(readFileSync(join(ofPackage, file), 'utf8'))).toEqual(
      JSON.parse(readFileSync(join(outdir, file), 'utf8')),
    );
});

test('its own tests pass, and fail where its configuration is wrong', async () => {
  expect((await run(['npm', 'test'])).stdout).toMatch(/fail 0/);
  const file = join(repository, 'config/keys.ts');
  const right = readFileSync(file, 'utf8');
  try {
    writeFileSync(file, right.replace("'eu-central-1'", "'eu-centrl-1'"));
    await expect(run(['npm', 'test'])).rejects.toMatchObject({
      stdout: expect.stringContaining('eu-centrl-1'),
    });
    await expect(run(['npx', 'keyturn', 'plan'])).rejects.toMatchObject({ code: 2 });
  } finally {
    writeFileSync(file, right);
  }
});

test('`npx keyturn plan` shows its keys', async () => {
  const { stdout } = await run(['npx', 'keyturn', 'plan']);
  expect(stdout).toContain('prod/sendgrid/support-bot');
  expect(stdout).toContain('prod/openai/support-bot');
});

test('`npm start` rehearses it', async () => {
  const { stdout } = await run(['npm', 'start', '--silent', '--', '--scenario', 'leak', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    scenario: 'leak',
    keys: 2,
    provenDead: true,
    orphans: 0,
    secretsInOutput: 0,
    iam: { denied: 0 },
  });
  expect(await lanesOf(repository)).toEqual({ told: 7, broken: [] });
});

test("connectors of a team's own, outside of this repository, keep their promises, are synthesized, rehearsed and rotated", async () => {
  const suites = ['inhouse', 'gateway', 'tickets'].map(name => `connectors/${name}.test.ts`);
  const suite = await run(['npx', 'tsx', '--test', ...suites], own);
  expect(suite.stdout).toMatch(/fail 0/);
  const planned = await run(['npx', 'keyturn', 'plan'], own);
  expect(planned.stdout).toContain('prod/inhouse/search-bot');
  expect(planned.stdout).toContain('Model gateway accepts the role of the server by the client search');
  const { stdout } = await run(['npx', 'keyturn', 'rehearse', '--scenario', 'leak', '--json'], own);
  expect(JSON.parse(stdout)).toMatchObject({
    keys: 1,
    provenDead: true,
    rotations: { succeeded: 1, failed: 0 },
    orphans: 0,
    secretsInOutput: 0,
    iam: { denied: 0 },
  });
});

test('a connector that is begun there compiles, and its suite says what to write', async () => {
  const begun = join(folder, 'begun');
  mkdirSync(begun);
  writeFileSync(join(begun, 'package.json'), '{"private": true}');
  symlinkSync(join(repository, 'node_modules'), join(begun, 'node_modules'));
  const line = ['connector', 'new', 'acme-mail', '--kind', 'issue', '--origin', 'https://api.example.com'];
  const { stdout } = await run(['npx', 'keyturn', ...line, '--prefix', 'ak_'], begun);
  expect(stdout).toContain('npx tsx --test connectors/acme-mail.test.ts');
  await expect(run(['npx', 'tsx', '--test', 'connectors/acme-mail.test.ts'], begun)).rejects.toMatchObject({
    stdout: expect.stringContaining('connectors/acme-mail.ts, create: make a key of this name'),
  });
});

test.each<[keyof Packed, number]>([
  ['keyturn', 8.5],
  ['client', 1.3],
  ['create', 0.3],
])('the package %s is below %d MB to download', (name, limitMb) => {
  expect(statSync(packed[name]).size).toBeLessThan(limitMb * 1_000_000);
});

describe('@keyturn/client by itself', () => {
  let consumer: string;
  beforeAll(async () => {
    consumer = join(folder, 'consumer');
    mkdirSync(consumer);
    writeFileSync(join(consumer, 'package.json'), '{"private": true}');
    await run([...installCommand, packed.client], consumer);
  });

  test('takes less than 15 MB of disk, with all that it needs', () => {
    expect(megabytesOf(join(consumer, 'node_modules'))).toBeLessThan(15);
    expect(readdirSync(join(consumer, 'node_modules')).filter(name => !name.startsWith('.'))).toEqual([
      '@keyturn',
    ]);
  });

  test('is what a server imports, in both kinds of modules, with types', async () => {
    const print = 'console.log(typeof createKeys, typeof withKey)';
    const commonJs = `const { createKeys, withKey } = require('@keyturn/client'); ${print}`;
    const esm = `import { createKeys, withKey } from '@keyturn/client'; ${print}`;
    for (const program of [
      ['-e', commonJs],
      ['--input-type=module', '-e', esm],
    ])
      expect((await run([process.execPath, ...program], consumer)).stdout).toBe('function function\n');
    const call = (provider: string) =>
      `import { createKeys } from '@keyturn/client';\nexport const used: Promise<string> = createKeys({}).use(${provider}, async key => key.secret);\n`;
    writeFileSync(join(consumer, 'right.ts'), call("'gitlab'"));
    writeFileSync(join(consumer, 'wrong.ts'), call('7'));
    const tsc = (file: string) =>
      run(
        [
          process.execPath,
          join(__dirname, '../../node_modules/typescript/bin/tsc'),
          ...[
            '--noEmit',
            '--strict',
            '--skipLibCheck',
            'false',
            '--module',
            'nodenext',
            '--target',
            'es2023',
          ],
          ...['--types', 'node', '--typeRoots', join(__dirname, '../../node_modules/@types'), file],
        ],
        consumer,
      );
    await tsc('right.ts');
    await expect(tsc('wrong.ts')).rejects.toMatchObject({ stdout: expect.stringContaining('wrong.ts(2') });
  });

  test("reaches a provider of a team's own as its AWS role, with nothing else installed", async () => {
    const file = join(own, 'server/gateway.cjs');
    const bundled = ['--bundle', '--platform=node', '--format=cjs', `--outfile=${file}`];
    await run(['npx', 'esbuild', 'connectors/gateway.ts', ...bundled], own);
    cpSync(join(own, 'server'), consumer, { recursive: true });
    const gateway = await openGateway(consumer, env);
    const ask = () => gateway.run('models.mjs');
    const refused = (why: string) =>
      expect(ask()).rejects.toMatchObject({ stderr: expect.stringContaining(why) });
    try {
      await refused('enable-outbound-web-identity-federation');
      await gateway.enable();
      expect((await ask()).stdout).toBe('200 {"models":["small","large"]}\n');
      gateway.trust.enabled = false;
      await refused('Model gateway does not accept the AWS identity of this server');
      expect(gateway.fakes.violations).toEqual([]);
    } finally {
      await gateway.close();
    }
  });

  test('starts a server with its key', async () => {
    const secrets = await openSecrets();
    try {
      const value = {
        secret: 'FAKESECRET-1234567890',
        keyId: '1',
        provider: 'gitlab',
        issuedAt: '2026-11-23T00:00:00Z',
      };
      secrets.aws.model.secretsManager.createFromTemplate({
        name: 'keyturn/dev/gitlab/code-bot/main',
        secretString: JSON.stringify(value),
      });
      const checked = await promisify(execFile)(
        'npx',
        [
          'keyturn-client',
          'run',
          '--check',
          '--env',
          'dev',
          '--server',
          'code-bot',
          '--key',
          'T=gitlab',
          '--',
          'true',
        ],
        { cwd: consumer, env: { ...env, ...process.env }, timeout: 10 * minutes },
      );
      expect(checked.stderr).toBe('dev/code-bot: 1 variable, all well\n');
    } finally {
      await secrets.close();
    }
  });
});

/** What `du` counts. */
function megabytesOf(path: string): number {
  const entry = lstatSync(path);
  const below = entry.isDirectory() ? readdirSync(path).map(name => megabytesOf(join(path, name))) : [];
  return below.reduce((sum, each) => sum + each, (entry.blocks * 512) / 1_000_000);
}
