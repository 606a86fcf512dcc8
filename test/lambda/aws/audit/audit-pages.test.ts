// Many keys: every place is asked once, page by page, and no answer is longer than Lambda takes.
import type { PartAnswer } from '../../../../core/audit/finding';
import { secretName } from '../../../../core/key/key-address';
import { createAudit } from '../../../../lambda/audit';
import { createTable } from '../../../../lambda/aws/table/table';
import { startFakeProviders } from '../../../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../../../rehearsal/providers/routed-fetch';
import { addEnvironmentKey, deployedKeys, environmentKey } from '../../../support/deployed-keys';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const salt = '0'.repeat(64);
let setup: FunctionSetup;
beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-audit');
  addEnvironmentKey(setup.model);
});
afterEach(() => setup.close());

function deploy(provider: string, count: number, settingsOf: (n: number) => Record<string, unknown>) {
  const { registry, register } = deployedKeys();
  for (let n = 0; n < count; n++) {
    const address = { environment: 'prod', provider, server: `server-${n}`, purpose: 'main' };
    const spec = { team: 'a', tier: 'normal' as const, scopes: [], overlapHours: 24, maxGapDays: 31 };
    register(address, { ...spec, settings: settingsOf(n) });
    const value = { secret: `FAKESECRET${n}`, keyId: `key-${n}`, provider, issuedAt: '2020-01-01T00:00:00Z' };
    setup.model.secretsManager.createFromTemplate({
      name: secretName(address),
      kmsKeyId: environmentKey,
      secretString: JSON.stringify(value),
    });
  }
  const { secretsManager, clock } = setup;
  const table = createTable(setup.dynamoDb, 'prod');
  const clients = { secretsManager, registry, table, notify: async () => {}, clock, variables: {} };
  return createAudit('prod', [provider], clients);
}

const answerOf = (answer: unknown) => answer as PartAnswer;

test('a thousand keys, each with something to say of, are one answer that Lambda takes', async () => {
  const ask = deploy('self-issued', 1_000, () => ({}));
  const lasts = { awsRequestId: '1', getRemainingTimeInMillis: () => 900_000 };
  const answer = answerOf(await ask({ part: 'keys', salt }, lasts));
  expect(answer.looked.keys).toBe(1_000);
  expect(answer.findings).toHaveLength(1_000);
  expect(answer.prints).toHaveLength(1_000);
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_000_000 / 2);
  expect(JSON.stringify(answer)).not.toContain('FAKESECRET');
});

test('where time is up after each place, each is asked once, on a page of its own', async () => {
  const fakes = await startFakeProviders({ clock: { now: () => setup.clock.now(), park: async () => {} } });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  try {
    const settingsOf = (n: number) => ({ project: `proj_${n}` });
    const ask = deploy('openai', 3, settingsOf);
    for (const n of [0, 1, 2]) fakes.register('openai', settingsOf(n));
    setup.model.secretsManager.createFromTemplate({
      name: 'keyturn/prod/issuers/openai',
      kmsKeyId: environmentKey,
      secretString: JSON.stringify(fakes.dialect('openai').issuer(settingsOf(0))),
    });
    const noTime = { awsRequestId: '1', getRemainingTimeInMillis: () => 0 };
    const pages: PartAnswer[] = [];
    let from: string | undefined;
    do {
      const request = { part: 'provider:openai', salt, ...(from !== undefined && { from }) };
      const page = answerOf(await ask(request, noTime));
      pages.push(page);
      from = page.next;
    } while (from !== undefined && pages.length < 10);
    expect(pages.map(({ looked }) => looked['places at providers'])).toEqual([1, 1, 1]);
    const asked = fakes.calls.filter(({ kind }) => kind === 'list').map(({ path }) => path);
    for (const n of [0, 1, 2])
      expect(asked.some(path => path.includes(`proj_${n}/service_accounts`))).toBe(true);
  } finally {
    globalThis.fetch = realFetch;
    await fakes.close();
  }
});

test.each([
  ['no part', { part: 'all', salt }],
  ['a provider that is not in use', { part: 'provider:okta', salt }],
  ['no salt', { part: 'keys' }],
  ['a short salt', { part: 'keys', salt: '00' }],
  ['an id that is no text', { part: 'place:prod/okta/bot', salt, keyId: 1 }],
  ['a key that is not deployed', { part: 'place:prod/okta/bot', salt, keyId: 'k' }],
  ['no days', { part: 'keys', salt, unusedDays: 0 }],
  ['records of a queue', { Records: [{ body: '{"part":"keys"}' }] }],
])('an event with %s is refused', async (_, event) => {
  const ask = deploy('self-issued', 0, () => ({}));
  const lasts = { awsRequestId: '1', getRemainingTimeInMillis: () => 900_000 };
  await expect(ask(event as never, lasts)).rejects.toMatchObject({ code: 'bad-event' });
});
