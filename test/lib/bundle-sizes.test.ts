// What functions and servers load. Bytes, as the files lie in the asset: machines differ in time, and not in these.
import { build, buildSync, type Metafile } from 'esbuild';
import { bytesOf, eagerlyLoaded } from '../../bench/bundle';
import { connectors } from '../../connectors/index';
import { bundleOptions, connectorOptions, toolkit } from '../../lib/functions/bundle';
import { clientOptions } from '../../scripts/client-bundle';

const providers = Object.keys(connectors);
let files: Metafile['outputs'];
let rotation: Metafile['outputs'];
let entry: Metafile['outputs'];

beforeAll(async () => {
  files = (await build({ ...connectorOptions(), metafile: true })).metafile.outputs;
  rotation = (await build({ ...bundleOptions('rotate.ts'), metafile: true })).metafile.outputs;
  entry = eagerlyLoaded(rotation, ({ entryPoint }) => entryPoint === 'lambda/rotate.ts');
}, 60_000);

/**
 * AWS's own signature, over HTTP like the others, takes 14 KB of its SDK; the library of PostgreSQL's protocol takes 36 KB, of which
 * nobody else loads any.
 */
const limits: Record<string, number> = { 'aws-iam': 224_000, postgres: 252_000 };
const limitOf = (provider: string) => limits[provider] ?? 220_000;

test('each provider has one file, and nothing else has', () => {
  const named = Object.keys(files).filter(path => path.endsWith('.mjs'));
  const ofProviders = providers.map(provider => `bundle/connectors/${provider}.mjs`);
  expect(named.sort()).toEqual([`bundle/${toolkit}.mjs`, ...ofProviders].sort());
});

test.each(providers)('a rotation loads no more than it may: its entry, and %s', provider => {
  const connector = files[`bundle/connectors/${provider}.mjs`];
  if (!connector) throw new Error('it has no file');
  expect(bytesOf(entry) + connector.bytes).toBeLessThanOrEqual(limitOf(provider));
});

test('no function holds a connector, or a library that only connectors need', () => {
  const inputs = Object.values(rotation).flatMap(({ inputs }) => Object.keys(inputs));
  expect(inputs).toContain('connectors/http/http.ts');
  expect(inputs.filter(file => file.startsWith('connectors/providers/'))).toEqual([]);
  const early = Object.values(entry).flatMap(({ inputs }) => Object.keys(inputs));
  expect(early.filter(file => /^node_modules\/(zod|postgres)\//.test(file))).toEqual([]);
});

test('a server loads at most 50 KB, and no connector', () => {
  const { outputs } = buildSync({ ...clientOptions, metafile: true, write: false }).metafile;
  const client = outputs['dist/client.js'];
  if (!client) throw new Error('it was not made');
  expect(client.bytes).toBeLessThanOrEqual(50_000);
  expect(Object.keys(client.inputs).filter(file => file.startsWith('connectors/providers/'))).toEqual([]);
});
