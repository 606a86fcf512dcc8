// What functions and servers load. Bytes, as the files lie in the asset: machines differ in time, and not in these.
import { build, buildSync, type Metafile } from 'esbuild';
import { bytesOf, eagerlyLoaded } from '../../../bench/bundle';
import { connectors } from '../../../connectors/index';
import { bundleOptions, connectorOptions, toolkit } from '../../../lib/bundling/bundle';
import { clientOptions } from '../../../scripts/client-bundle';

const providers = Object.keys(connectors);
let files: Metafile['outputs'];
let rotation: Metafile['outputs'];
let entry: Metafile['outputs'];

beforeAll(async () => {
  files = (await build({ ...connectorOptions(), metafile: true })).metafile.outputs;
  rotation = (await build({ ...bundleOptions('rotate.ts'), metafile: true })).metafile.outputs;
  entry = eagerlyLoaded(rotation, ({ entryPoint }) => entryPoint === 'lambda/rotate.ts');
});

const limit = 220_000;
/**
 * AWS's own signature, over HTTP like the others, takes 14 KB of its SDK; the library of PostgreSQL's protocol takes 36 KB, of which
 * nobody else loads any.
 */
const exceptions: Record<string, number> = { 'aws-iam': 224_000, postgres: 252_000 };
/** An exception is no room to grow: it allows for a release of what it is made for. */
const slack = 2_000;

/** @returns what is wrong with so many bytes; `undefined` where nothing is */
function fault(bytes: number, exception?: number): string | undefined {
  const most = exception ?? limit;
  if (bytes > most) return `${bytes} bytes, and may have ${most}`;
  if (exception === undefined) return undefined;
  if (bytes <= limit) return `${bytes} bytes, and needs no exception; take it out of the table`;
  return most - bytes > slack ? `${bytes} bytes, and an exception for ${most}; make it smaller` : undefined;
}

test('each provider has one file, and nothing else has', () => {
  const named = Object.keys(files).filter(path => path.endsWith('.mjs'));
  const ofProviders = providers.map(provider => `bundle/connectors/${provider}.mjs`);
  expect(named.sort()).toEqual([`bundle/${toolkit}.mjs`, ...ofProviders].sort());
});

test.each(providers)('a rotation loads no more than it may: its entry, and %s', provider => {
  const connector = files[`bundle/connectors/${provider}.mjs`];
  if (!connector) throw new Error('it has no file');
  expect(fault(bytesOf(entry) + connector.bytes, exceptions[provider])).toBeUndefined();
});

test.each([
  [limit, undefined, undefined],
  [limit + 1, undefined, /220001 bytes, and may have 220000/],
  [252_000, 252_000, undefined],
  [252_001, 252_000, /252001 bytes, and may have 252000/],
  [limit + 1, limit + slack, undefined],
  [limit, limit + slack, /needs no exception/],
  [252_000 - slack, 252_000, undefined],
  [252_000 - slack - 1, 252_000, /make it smaller/],
])('of %i bytes with an exception for %s it is said: %s', (bytes, exception, said) => {
  if (said) expect(fault(bytes, exception)).toMatch(said);
  else expect(fault(bytes, exception)).toBeUndefined();
});

test('an exception is of a provider that there is', () => {
  expect(Object.keys(exceptions).filter(provider => !providers.includes(provider))).toEqual([]);
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
