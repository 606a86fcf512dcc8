// What is taken out of AWS's SDK when the functions are bundled, beside the SDK as it is.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, withJsonAlone } from '../../../lib/bundling/bundle';
import { requireMet, rules, slimSdk } from '../../../lib/bundling/slim-sdk';

const modules = join(__dirname, '../../../node_modules');
const inCore = (file: string) => join(modules, '@smithy/core/dist-es/submodules', file);
const inAwsCore = (file: string) => join(modules, '@aws-sdk/core/dist-es/submodules', file);
const errorFiles = readdirSync(join(modules, '@aws-sdk'))
  .map(name => join(modules, '@aws-sdk', name, 'dist-es/models/errors.js'))
  .filter(existsSync);

/** Whatever a file of the SDK exports, as its tests take it. */
interface Exported {
  new (told?: object): Error & { acquireInitialRetryToken(): void };
  (told: unknown): object;
  shapeId?: string;
  partitions: { regions: object }[];
}
type Exports = Record<string, Exported>;

/** What a file of the SDK exports: as it is, and as functions have it. */
async function bothOf(file: string): Promise<[Exports, Exports]> {
  const [real, slim] = [[], [slimSdk(true, new Set())]].map(async plugins => {
    const options = { bundle: true, format: 'cjs', platform: 'node', write: false, plugins } as const;
    const { outputFiles } = await build({ ...options, entryPoints: [file] });
    const module = { exports: {} };
    new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(module, module.exports, require);
    return module.exports;
  });
  return [(await real) as Exports, (await slim) as Exports];
}

function exported(exports: Exports, name: string): Exported {
  const found = exports[name];
  if (!found) throw new Error(`${name} is not exported`);
  return found;
}

test('every error of every client is what it is in the SDK', async () => {
  expect(errorFiles.length).toBeGreaterThan(10);
  let seen = 0;
  for (const file of errorFiles) {
    const [real, slim] = await bothOf(file);
    expect(Object.keys(slim)).toEqual(Object.keys(real));
    for (const [name, Real] of Object.entries(real)) {
      const Slim = exported(slim, name);
      const told = { message: 'what AWS says', $metadata: {}, Message: 'a', Type: 'b', Item: { id: 'c' } };
      const [expected, got] = [new Real(told), new Slim(told)];
      expect({ ...got }).toEqual({ ...expected });
      expect([got.name, got.message, Slim.shapeId]).toEqual([expected.name, expected.message, Real.shapeId]);
      expect(got).toBeInstanceOf(Slim);
      expect(got).toBeInstanceOf(Error);
      expect(Object.getPrototypeOf(got)).toBe(Slim.prototype);
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(500);
});

test('a region is in its partition, in those that are known, and in one that is opened tomorrow', async () => {
  const [real, slim] = await bothOf(inAwsCore('client/util-endpoints/lib/aws/partition.js'));
  const [known] = await bothOf(inAwsCore('client/util-endpoints/lib/aws/partitions.js'));
  const { partitions } = exported(known, 'partitionsInfo');
  const regions = partitions
    .flatMap(each => Object.keys(each.regions))
    .filter(name => !name.endsWith('-global'));
  expect(regions.length).toBeGreaterThan(40);
  for (const region of [...regions, 'eu-north-9', 'cn-south-3', 'us-gov-north-1']) {
    const { description: _, ...expected } = exported(real, 'partition')(region) as { description?: string };
    expect([region, exported(slim, 'partition')(region)]).toEqual([region, expected]);
  }
});

test('times that are numbers are read, and others refused by their name', async () => {
  const [, slim] = await bothOf(inCore('serde/date-utils.js'));
  expect(exported(slim, 'parseEpochTimestamp')(1_700_000_000.5)).toEqual(new Date(1_700_000_000_500));
  expect(() => exported(slim, 'parseRfc7231DateTime')('Tue, 14 Nov 2023 22:13:20 GMT')).toThrow(
    "parseRfc7231DateTime of AWS's SDK is left out of Keyturn's functions",
  );
});

test('what is left out can be made, as clients do, and refuses to be used', async () => {
  const [, slim] = await bothOf(inCore('retry/util-retry/AdaptiveRetryStrategy.js'));
  const strategy = new (exported(slim, 'AdaptiveRetryStrategy'))();
  expect(() => strategy.acquireInitialRetryToken()).toThrow('AdaptiveRetryStrategy of AWS');
});

const fileOf = (pattern: RegExp) => {
  const found = [...errorFiles, ...readdirSync(modules, { recursive: true, encoding: 'utf8' })]
    .map(file => file.replace(`${modules}/`, ''))
    .find(file => pattern.test(file));
  if (!found) throw new Error(`${pattern} is nowhere`);
  return join(modules, found);
};

test.each(rules.map(rule => [rule.file.source, rule] as const))(
  '%s: once its file looks otherwise, no bundle is made',
  (_, { file, slim }) => {
    const path = fileOf(file);
    const source = readFileSync(path, 'utf8');
    expect(slim(source, path)).not.toBe(source);
    const otherwise = [
      source.replace(/\bname\b/, 'title'),
      source.replace('super({', 'this.kept = opts;\n        super({'),
      source.replace(/^export (const|class|function) /m, 'export let '),
    ].filter(changed => changed !== source);
    expect(otherwise.length).toBeGreaterThan(0);
    expect(otherwise.filter(changed => refuses(() => slim(changed, path)))).not.toEqual([]);
    expect(() => slim('', path)).toThrow();
  },
);

function refuses(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

test('a rule that has nothing left to do is named', () => {
  expect(() => requireMet(new Set(rules))).not.toThrow();
  for (const rule of rules)
    expect(() => requireMet(new Set(rules.filter(each => each !== rule)))).toThrow(String(rule.file));
});

test.each(withJsonAlone)(
  '%s calls services whose times are numbers, and which take no headers',
  async handler => {
    const { metafile } = await build({ ...bundleOptions(handler), metafile: true });
    const outputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const used = outputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
    const clients = used.flatMap(file => /@aws-sdk\/(client-[^/]+)\/package\.json$/.exec(file)?.[1] ?? []);
    expect(['client-dynamodb', 'client-eventbridge', 'client-secrets-manager']).toEqual(
      expect.arrayContaining([...new Set(clients)]),
    );
    expect(clients).toContain('client-secrets-manager');
    expect(used.filter(file => /(HttpBinding|Query|Xml|Cbor)\w*Protocol\.js$/.test(file))).toEqual([]);
  },
);
