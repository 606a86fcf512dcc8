// The connectors of examples/own-connector, tested as its own repository tests them.

import * as z from 'zod/mini';
import type { Connector } from '../../connectors/contract/connector';
import { KeyturnError } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import { gateway } from '../../examples/own-connector/connectors/gateway';
import { dialect as gatewayDialect } from '../../examples/own-connector/connectors/gateway-dialect';
import { inhouse } from '../../examples/own-connector/connectors/inhouse';
import { dialect } from '../../examples/own-connector/connectors/inhouse-dialect';
import { tickets } from '../../examples/own-connector/connectors/tickets';
import { dialect as ticketsDialect } from '../../examples/own-connector/connectors/tickets-dialect';
import type { Dialect } from '../../rehearsal/providers/dialect';
import { checksOf } from './contract/suite';

const own = [
  [inhouse, dialect],
  [gateway, gatewayDialect],
  [tickets, ticketsDialect],
] as const;

describe.each(own.map(([connector, dialect]) => [connector.provider, connector, dialect] as const))(
  '%s',
  (_provider, connector, dialect) => {
    test.each(checksOf(connector, dialect).map(({ name, run }) => [name, run] as const))('%s', (_name, run) =>
      run(),
    );
  },
);

const clientOf = ({ keyId, secret }: SecretValue) => ({ user: keyId, password: secret });

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

const { rootMaker } = tickets;
const late = new Date('2026-12-31T00:00:00Z').toISOString();
test.each<[string, Partial<typeof tickets>, string]>([
  [
    'says that tokens live longer',
    { mint: async (...given) => ({ ...(await tickets.mint(...given)), expiresAt: late }) },
    'a token works where it is used, and says when it ends',
  ],
  [
    'asks for more than it was asked for',
    {
      mint: (http, root, request) =>
        tickets.mint(http, root, { ...request, scopes: ['tickets:read', 'tickets:write'] }),
    },
    'a token has the scopes that were asked, and says so',
  ],
  [
    'ends no token',
    { tokenRevoker: () => async () => {} },
    'a token that is ended works no more, and ending it again succeeds',
  ],
  [
    'accepts every root',
    { verify: async () => 'accepted' },
    'a live root is accepted, a dead one rejected, and each is asked once',
  ],
  [
    'takes a status for an answer',
    {
      verify: (http, root) =>
        http.probe('GET', '/clients/me', { basic: clientOf(root) }, [['rejected', 401, z.any()]]),
    },
    'only the provider’s own words, in their place, say that a root is dead or that it lives',
  ],
  [
    'does not delete its client',
    { rootMaker: rootMaker && { ...rootMaker, revoke: async () => true } },
    'a root is made, mints, and ends by what its own value holds; again is success',
  ],
  [
    'registers again and again',
    {
      rootMaker: rootMaker && {
        ...rootMaker,
        create: (http, ...rest) =>
          rootMaker.create(
            { ...http, send: (method, path, call) => http.send(method, path, { ...call, once: false }) },
            ...rest,
          ),
      },
    },
    'making a root is sent once, whatever happens',
  ],
  [
    'quotes the answer in an error',
    {
      async mint(http, root, request) {
        const call = {
          basic: clientOf(root),
          json: request,
          expect: [400, 401, 403, 404, 422, 500],
          needs: 'x',
        };
        const { text } = await http.send('POST', '/sessions', call);
        throw new KeyturnError('refused', text);
      },
    },
    'an error shows nothing of what the provider echoes',
  ],
])('a connector that mints tokens and %s is seen', async (_fault, changes, promise) => {
  expect(await broken({ ...tickets, ...changes } as Connector, ticketsDialect)).toContain(promise);
});
