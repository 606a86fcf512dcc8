// The connectors of examples/own-connector, tested as its own repository tests them.

import type { Connector } from '../../connectors/contract/connector';
import { gateway } from '../../examples/own-connector/connectors/gateway';
import { dialect as gatewayDialect } from '../../examples/own-connector/connectors/gateway-dialect';
import { inhouse } from '../../examples/own-connector/connectors/inhouse';
import { dialect } from '../../examples/own-connector/connectors/inhouse-dialect';
import type { Dialect } from '../../rehearsal/providers/dialect';
import { checksOf } from './contract/suite';

const own = [
  [inhouse, dialect],
  [gateway, gatewayDialect],
] as const;

describe.each(own.map(([connector, dialect]) => [connector.provider, connector, dialect] as const))(
  '%s',
  (_provider, connector, dialect) => {
    test.each(checksOf(connector, dialect).map(({ name, run }) => [name, run] as const))('%s', (_name, run) =>
      run(),
    );
  },
);

async function broken(connector: Connector, dialect: Dialect): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of checksOf(connector, dialect)) await run().catch(() => names.push(name));
  return names;
}

test('a promise that one breaks is seen', async () => {
  expect(await broken({ ...inhouse, list: async () => [] }, dialect)).toContain(
    'a new key is listed by its id, and under the name it was given',
  );
  expect(await broken({ ...gateway, audience: () => 'https://other.example.com' }, gatewayDialect)).toContain(
    'a token works where it is used, until the end that it states and no longer',
  );
});
