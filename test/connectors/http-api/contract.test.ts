// An API that is told as data keeps every promise of the kind that it becomes.
import { connectorOf } from '../../../connectors/http-api/api-connector';
import type { HttpApi } from '../../../connectors/http-api/http-api';
import type { Dialect } from '../../../rehearsal/providers/dialect';
import { checksFor, runCheck } from '../contract/checks/all-checks';
import { gateway, gatewayDialect } from './gateway';
import { wiki, wikiDialect } from './wiki';

const apis: [name: string, api: HttpApi, dialect: Dialect][] = [
  ['wiki', wiki, wikiDialect],
  ['gateway', gateway, gatewayDialect],
];

describe.each(apis)('%s', (name, api, dialect) => {
  const connector = connectorOf(name, api);
  test.each(checksFor(connector).map(check => [check.name, check] as const))('%s', (_name, check) =>
    runCheck(check, connector, undefined, dialect),
  );
});

/** What is said wrongly of an API is seen by a promise that it then breaks. */
const planted: Record<string, HttpApi> = {
  'the key under another pointer': {
    ...wiki,
    create: { ...wiki.create, answer: { ...wiki.create.answer, secret: '/token/secret' } },
  },
  'another host': { ...wiki, origin: 'https://{settings.tenant}.example.com' },
  'no further page': { ...wiki, list: { ...wiki.list, pages: undefined } },
  'ended keys among those that live': { ...gateway, list: { ...gateway.list, only: undefined } },
  'a word of a live key for a dead one': {
    ...wiki,
    verify: {
      ...wiki.verify,
      proofs: [
        { verdict: 'accepted', status: 200, has: '/id' },
        { verdict: 'rejected', status: 401, at: '/error/code', matches: '.*' },
      ],
    },
  },
  'times of another form': { ...gateway, times: 'milliseconds' },
  'a key in another header': {
    ...gateway,
    key: { ...gateway.key, presents: [{ in: 'header', name: 'x-key' }] },
  },
};

test.each(Object.entries(planted))('%s is seen', async (_what, api) => {
  const [name, dialect] =
    api.title === wiki.title ? (['wiki', wikiDialect] as const) : (['gateway', gatewayDialect] as const);
  const connector = connectorOf(name, api);
  const outcomes = await Promise.allSettled(
    [
      async () => {
        for (const check of checksFor(connector)) await runCheck(check, connector, undefined, dialect);
      },
    ].map(run => run()),
  );
  expect(outcomes[0]?.status).toBe('rejected');
});
