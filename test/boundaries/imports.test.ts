// Imports point one way: core <- connectors <- lambda, client <- bin, rehearsal; lib takes from connectors only metadata.
import { type Import, importsOf, layerOf, sources } from './sources';

/** Layer -> the layers that it may import from. */
const mayImport: Record<string, string[]> = {
  core: ['core'],
  connectors: ['core', 'connectors'],
  lambda: ['core', 'connectors', 'lambda'],
  client: ['core', 'connectors', 'client'],
  lib: ['core', 'connectors', 'lib'],
  config: ['lib'],
  bin: ['core', 'connectors', 'lambda', 'client', 'lib', 'config', 'bin'],
  rehearsal: ['core', 'connectors', 'lambda', 'client', 'lib', 'config', 'bin', 'rehearsal'],
  packages: ['packages'],
};

const all: { source: string; import: Import }[] = sources.flatMap(source =>
  importsOf(source).map(each => ({ source, import: each })),
);
const ofLayers = (...layers: string[]) => all.filter(({ source }) => layers.includes(layerOf(source)));
const said = (found: typeof all) => found.map(each => `${each.source} imports ${each.import.specifier}`);

test('imports are found at all', () => {
  for (const layer of Object.keys(mayImport)) expect(ofLayers(layer)).not.toEqual([]);
});

test.each(Object.entries(mayImport))('%s imports only from %s', (layer, allowed) => {
  const strange = ofLayers(layer).filter(({ import: { file } }) => {
    // A file at the root, such as package.json, is of no layer.
    return file?.includes('/') && !allowed.includes(layerOf(file));
  });
  expect(said(strange)).toEqual([]);
});

const packagesOf = (...layers: string[]) =>
  ofLayers(...layers).filter(({ import: { specifier } }) => !/^(\.|node:)/.test(specifier));

test('core needs nothing but Node', () => {
  expect(said(packagesOf('core'))).toEqual([]);
});

test('connectors know no AWS client and no CDK', () => {
  const strange = packagesOf('connectors').filter(({ import: { specifier } }) =>
    /^(@aws-sdk\/|@aws-lambda|aws-cdk|constructs)/.test(specifier),
  );
  expect(said(strange)).toEqual([]);
});

test.each(['core', 'connectors', 'lambda', 'client', 'bin', 'rehearsal'])(
  '%s imports no construct',
  layer => {
    const found = packagesOf(layer).filter(({ import: { specifier } }) =>
      /^(aws-cdk-lib|constructs|cdk-nag)/.test(specifier),
    );
    expect(said(found)).toEqual([]);
  },
);

test('what servers import reaches no CDK, however far it goes', () => {
  const reached = new Set<string>();
  const packages = new Set<string>();
  const walk = (source: string): void => {
    if (reached.has(source)) return;
    reached.add(source);
    for (const { specifier, file } of importsOf(source)) {
      if (file?.endsWith('.ts')) walk(file);
      else if (!file) packages.add(specifier);
    }
  };
  for (const source of sources.filter(each => layerOf(each) === 'client')) walk(source);
  expect(reached.size).toBeGreaterThan(20);
  expect([...packages]).toContain('@aws-sdk/client-secrets-manager');
  expect([...packages].filter(name => /cdk|constructs/.test(name))).toEqual([]);
});

test('lib reads the registry of connectors in one place, and calls none', () => {
  const files = ofLayers('lib').filter(({ import: { file } }) => file?.startsWith('connectors/'));
  const calling = files.filter(
    ({ import: { file } }) => !/^connectors\/(index|contract\/connector)\.ts$/.test(file!),
  );
  expect(said(calling)).toEqual([]);
  const readers = files.filter(({ import: { file } }) => file === 'connectors/index.ts');
  expect(readers.map(({ source }) => source)).toEqual(['lib/config/providers.ts']);
});

test('what is deployed or published knows neither the rehearsal nor the tests', () => {
  const product = ['core', 'connectors', 'lambda', 'client', 'lib', 'bin', 'config'];
  const strange = ofLayers(...product).filter(({ import: { specifier } }) =>
    /\/(rehearsal|test|bench)\//.test(specifier),
  );
  expect(said(strange)).toEqual([]);
});

test('every import of a file finds it', () => {
  const lost = all.filter(({ import: { specifier, file } }) => /^\.\.?\//.test(specifier) && !file);
  // Programs that are written for other processes name what is there.
  const written = (line: string) => line.startsWith('test/') || /[$]{/.test(line);
  expect(said(lost).filter(line => !written(line))).toEqual([]);
});
