// The connector of examples/own-connector, tested as its own repository tests it.
import { inhouse } from '../../examples/own-connector/connectors/inhouse';
import { dialect } from '../../examples/own-connector/connectors/inhouse-dialect';
import { checksOf } from './contract/suite';

test.each(checksOf(inhouse, dialect).map(({ name, run }) => [name, run] as const))('%s', (_name, run) =>
  run(),
);

test('a promise that it breaks is seen', async () => {
  const forgetful = { ...inhouse, list: async () => [] };
  const broken: string[] = [];
  for (const { name, run } of checksOf(forgetful, dialect)) await run().catch(() => broken.push(name));
  expect(broken).toContain('a new key is listed by its id, and under the name it was given');
});
