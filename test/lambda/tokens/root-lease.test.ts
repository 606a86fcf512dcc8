// One at a time mints from a root that minting uses up, however many sandboxes there are, and whatever becomes of one of them.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Connector } from '../../../connectors/contract/connector';
import { oauthClient } from '../../../connectors/providers/oauth-client/oauth-client';
import type { KeyAddress } from '../../../core/key/key-address';
import { createRootLease, type RootPlace } from '../../../lambda/aws/table/root-lease';
import { openTokenSetup, type TokenSetup } from './token-setup';

const address: KeyAddress = {
  environment: 'prod',
  provider: 'oauth-client',
  server: 'support-bot',
  purpose: 'main',
};
const key = { pk: { S: 'root-lease#prod/oauth-client/support-bot' }, sk: { S: 'holder' } };
const order = { provider: 'oauth-client' };
const secondMs = 1000;
const minuteMs = 60 * secondMs;

let setup: TokenSetup;
beforeEach(async () => {
  jest.spyOn(console, 'info').mockImplementation(() => {});
  jest.spyOn(console, 'warn').mockImplementation(() => {});
  jest.spyOn(console, 'error').mockImplementation(() => {});
  setup = await openTokenSetup(
    oauthClient as Connector,
    {},
    {
      tokenUrl: 'https://auth.example.com/oauth/token',
      grant: 'refresh_token',
    },
  );
});
afterEach(async () => {
  jest.restoreAllMocks();
  await setup.close();
});

const ends = (remainingMs: number) => {
  const endsAt = setup.clock.now().getTime() + remainingMs;
  return { awsRequestId: '1', getRemainingTimeInMillis: () => endsAt - setup.clock.now().getTime() };
};
const open = (aheadMs = 0) =>
  createRootLease(setup.table, {
    now: () => new Date(setup.clock.now().getTime() + aheadMs),
    sleep: ms => setup.clock.sleep(ms),
  });

/** @returns what a holder was told, that then is lost: nothing gives its lease back */
async function lose(remainingMs = 2 * minuteMs): Promise<RootPlace> {
  return new Promise((resolve, reject) => {
    open()
      .hold(
        address,
        () => remainingMs,
        place => {
          resolve(place);
          return new Promise<never>(() => {});
        },
      )
      .catch(reject);
  });
}

test('ten sandboxes that mint at once get ten tokens that work, and no root is sent twice', async () => {
  const handlers = Array.from({ length: 10 }, () => setup.another());
  const given = await Promise.all(handlers.map(handler => handler(order, ends(10 * minuteMs))));
  const statuses = await Promise.all(given.map(({ token }) => setup.use(token)));
  expect(statuses).toEqual(Array(10).fill(200));
  expect(setup.mints()).toBe(10);
});

test('a token costs three calls to the table, and a root that does not get used up none', async () => {
  const asked = () => setup.aws.asked.filter(({ action }) => action.startsWith('dynamodb:')).length;
  const before = asked();
  await setup.handler(order);
  expect(asked() - before).toBe(3);
});

test.each([
  ['before', 59 * secondMs, 0, 'rate-limited'],
  ['after', 61 * secondMs, 0, 'given'],
  // A host that is ahead by less than clocks may differ takes nothing away from a holder that still works.
  ['before, on a host that is ahead', 0, 59 * secondMs, 'rate-limited'],
])(
  'a lost holder is waited for until Lambda has ended it, and a minute for clocks that differ: %s',
  async (_, afterMs, aheadMs, expected) => {
    await lose(2 * minuteMs);
    setup.pass(2 * minuteMs + afterMs - (aheadMs ? 1 : 0));
    // Just enough time to look once.
    const taken = open(aheadMs).hold(
      address,
      () => 45 * secondMs,
      async () => 'given',
    );
    await expect(taken.catch(error => error.code)).resolves.toBe(expected);
  },
);

test('whoever waits has time left to mint in, and is told to ask again where it has not', async () => {
  await lose(2 * minuteMs);
  const waiting = ends(2 * minuteMs);
  await expect(setup.another()(order, waiting)).rejects.toThrow('ask again in a minute');
  expect(waiting.getRemainingTimeInMillis()).toBeGreaterThan(40 * secondMs);
  expect(setup.mints()).toBe(0);
});

test.each([
  [46 * secondMs, 'given'],
  [46 * secondMs - 1, 'rate-limited'],
])(
  'it waits a second more where 45 seconds are left to mint in after that: %i ms',
  async (leftMs, expected) => {
    await lose(2 * minuteMs);
    const taken = open().hold(
      address,
      () => leftMs,
      async () => 'given',
    );
    await expect(taken.catch(error => error.code)).resolves.toBe(expected);
  },
);

test('a root that a lost holder stored is found, also behind another that was lost before it stored any', async () => {
  await setup.handler(order);
  const first = await setup.table.get(key);
  const place = await lose(secondMs);
  expect(place).toMatchObject({ certain: first!.certain!.S, perhaps: [] });
  // It minted and stored, and was lost before it could say so.
  const { SecretString } = await setup.client.send(
    new GetSecretValueCommand({ SecretId: setup.secretId, VersionId: place.certain! }),
  );
  const stored = JSON.parse(SecretString!);
  await setup.storeGrant({ ...stored, grantedAt: 'later' }, place.next);
  setup.pass(2 * minuteMs);
  const second = await lose(secondMs);
  expect(second.perhaps).toEqual([place.next]);
  setup.pass(2 * minuteMs);
  const seen: RootPlace[] = [];
  await open().hold(
    address,
    () => 2 * minuteMs,
    async now => void seen.push(now),
  );
  expect(seen).toMatchObject([{ certain: place.certain, perhaps: [second.next, place.next] }]);
  await setup.startAfresh();
  expect(await setup.use((await setup.handler(order)).token)).toBe(200);
});

test('what was stored for certain is waited for, and nothing older is used in its place', async () => {
  await setup.handler(order);
  await setup.startAfresh();
  const item = await setup.table.get(key);
  const hidden = '00000000-0000-4000-8000-000000000000';
  await setup.table.change(key, { set: { certain: { S: hidden } } });
  await expect(setup.handler(order)).rejects.toThrow('does not show yet what was stored last');
  expect(setup.mints()).toBe(1);
  await setup.table.change(key, { set: { certain: item!.certain! } });
  expect(await setup.use((await setup.handler(order)).token)).toBe(200);
});

test('a holder that was overtaken gives nothing back that is another’s', async () => {
  let goOn = () => {};
  const slow = open().hold(
    address,
    () => secondMs,
    () =>
      new Promise<void>(resolve => {
        goOn = resolve;
      }),
  );
  while (!(await setup.table.get(key))?.holder) await setup.clock.sleep(1);
  setup.pass(2 * minuteMs);
  const other = await lose();
  goOn();
  await slow;
  expect((await setup.table.get(key))!.holder!.S).toBe(other.next);
});

test('a token is given even where the lease cannot be given back', async () => {
  let writes = 0;
  setup.rules.decide = ({ action }) =>
    action === 'dynamodb:UpdateItem' && ++writes > 1
      ? { allowed: false, message: 'not now' }
      : { allowed: true };
  expect(await setup.use((await setup.handler(order)).token)).toBe(200);
});
