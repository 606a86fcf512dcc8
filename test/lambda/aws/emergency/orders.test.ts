// What the emergency function makes of orders: every field is checked, and who gave one is proven or only claimed.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { begin } from '../../../../core/incident/incident';
import { causeInWords } from '../../../../core/incident/report/investigation';
import { requesterInWords } from '../../../../core/incident/requester';
import { arrange } from '../../../../lambda/aws/emergency/arrangements';
import {
  askSts,
  orderDigest,
  orderHeader,
  provenCaller,
} from '../../../../lambda/aws/emergency/caller-proof';
import { type CallerProof, type RevokeOrder, readOrder } from '../../../../lambda/aws/emergency/orders';
import { triggersOf } from '../../../../lambda/aws/emergency/triggers';

const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const order: RevokeOrder = {
  kind: 'revoke',
  incidentId: '20260226T031411Z-0123abcd',
  keys: [address],
  response: 'replace-first',
  graceSeconds: 30,
  reason: 'leaked on GitHub',
  requestedBy: 'arn:aws:sts::333333333333:assumed-role/admin/me',
  dryRun: false,
};
const silence = { kind: 'silence', key: address, minutes: 60, reason: 'load test', requestedBy: 'me' };
const drill = { kind: 'announce-drill', alarmName: 'x', drillId: '0123456789abcdef', requestedBy: 'me' };

describe('what is wrong with an order is said by field, and never quoted', () => {
  const wrongs: [object, string][] = [
    [
      { kind: 'erase' },
      '"kind" is not one of revoke, silence, unmark, forget-version, announce-drill, take-up',
    ],
    [
      { kind: 'constructor' },
      '"kind" is not one of revoke, silence, unmark, forget-version, announce-drill, take-up',
    ],
    [{ ...order, force: true }, 'in the order "revoke", it has an unknown field'],
    [{ ...order, incidentId: 'x#y' }, 'in the order "revoke", "incidentId" does not have the expected form'],
    [
      { ...order, incidentId: '99999999T999999Z-0123abcd' },
      'in the order "revoke", "incidentId" begins with a date that does not exist',
    ],
    [
      { ...order, incidentId: '20260230T000000Z-0123abcd' },
      'in the order "revoke", "incidentId" begins with a date that does not exist',
    ],
    [{ ...order, keys: [] }, 'in the order "revoke", "keys" is less than 1 entries'],
    [
      { ...order, keys: [address, { ...address, server: '*' }] },
      '"keys.1.server" does not have the expected form',
    ],
    [{ ...order, graceSeconds: '30' }, 'in the order "revoke", "graceSeconds" is not a number'],
    [{ ...order, graceSeconds: 601 }, 'in the order "revoke", "graceSeconds" is more than 600'],
    [{ ...order, graceSeconds: -1 }, 'in the order "revoke", "graceSeconds" is less than 0'],
    [{ ...order, response: 'delete' }, '"response" is not one of replace-first, revoke-first'],
    [{ ...order, reason: 'x'.repeat(501) }, '"reason" is more than 500 characters'],
    [{ ...order, reason: 'one\nHandled by: you' }, '"reason" does not have the expected form'],
    [{ ...order, requestedBy: undefined }, '"requestedBy" is not a string'],
    [{ ...order, dryRun: 'no' }, '"dryRun" is not a boolean'],
    [{ ...order, proof: { authorization: 1 } }, '"proof.authorization" is not a string'],
    [{ ...silence, minutes: 72 * 60 + 1 }, 'in the order "silence", "minutes" is more than 4320'],
    [{ ...silence, key: { ...address, purpose: undefined } }, '"key.purpose" is not a string'],
    [{ ...drill, drillId: 'x' }, 'in the order "announce-drill", "drillId" does not have the expected form'],
    [{ kind: 'take-up', keys: [address] }, 'in the order "take-up", it has an unknown field'],
  ];
  test.each(wrongs.map(([wrong, fault]) => ({ wrong, fault })))('$fault', ({ wrong, fault }) => {
    expect(readOrder(wrong)).toEqual({ fault: expect.stringContaining(fault) });
  });

  // AWS sets no limit to session tokens: with roles' tags in them, they take some thousand characters.
  const longToken = { ...order, proof: { 'x-amz-security-token': 'x'.repeat(9_000) } };
  test.each([order, silence, drill, longToken, { kind: 'take-up' }])('$kind is read as it is', right => {
    expect(readOrder(right)).toEqual({ order: right });
  });
});

describe('when an order was given', () => {
  const at = Date.parse('2026-02-26T03:14:11Z');
  const day = 24 * 3_600_000;
  const home = { account: '333333333333', region: 'eu-central-1', environment: 'prod' };
  const triggers = (ms: number, given = order) =>
    triggersOf(given, undefined, home, { due: async () => [] }, {
      clock: { now: () => new Date(at + ms), sleep: async () => {} },
    } as unknown as Parameters<typeof triggersOf>[4]);

  test.each([
    ['a day ago', day],
    ['an hour ahead, by a clock that is wrong', -day / 24],
  ])('%s: it is carried out', async (_, ms) => {
    expect(await triggers(ms)).toMatchObject([{ address, incidentId: order.incidentId }]);
  });

  test.each([
    ['more than a day ago', day + 1],
    ['more than an hour ahead', -day / 24 - 1],
  ])('%s: it is refused', async (_, ms) => {
    await expect(triggers(ms)).rejects.toThrow(/"incidentId" is of 2026-02-26T03:14:11.000Z/);
  });

  test('a key that it names twice is one incident', async () => {
    expect(await triggers(0, { ...order, keys: [address, { ...address }] })).toHaveLength(1);
  });
});

test('a drill is announced for ten minutes', async () => {
  const now = new Date('2026-02-26T03:14:11Z');
  const changes: unknown[] = [];
  const place = {
    table: { change: async (_key: unknown, change: unknown) => changes.push(change) },
    clock: { now: () => now, sleep: async () => {} },
  } as unknown as Parameters<typeof arrange>[3];
  const alarmName = 'keyturn-prod-off-hours.sendgrid.support-bot.main';
  await arrange({ ...drill, kind: 'announce-drill', alarmName }, undefined, 'prod', place);
  const expiresAt = { N: String(now.getTime() / 1_000 + 600) };
  expect(changes).toEqual([{ set: expect.objectContaining({ drillId: { S: drill.drillId }, expiresAt }) }]);
  const ofAnother = arrange({ ...drill, kind: 'announce-drill', alarmName }, undefined, 'pro', place);
  await expect(ofAnother).rejects.toThrow('not named keyturn-pro-<signal>');
});

describe('who gave an order', () => {
  const arn = 'arn:aws:sts::333333333333:assumed-role/developer/mallory';
  const signedFor = (
    given: RevokeOrder,
    headers = `content-type;host;x-amz-date;${orderHeader}`,
  ): CallerProof => ({
    authorization: `AWS4-HMAC-SHA256 Credential=ASIAX/20260226/eu-central-1/sts/aws4_request, SignedHeaders=${headers}, Signature=0`,
    [orderHeader]: orderDigest(given),
  });
  const asked: CallerProof[] = [];
  const askAws = async (proof: CallerProof) => {
    asked.push(proof);
    return arn;
  };

  test('is whom AWS names for the signature, whatever the order claims', async () => {
    const call = { ...order, proof: signedFor(order) };
    expect(await provenCaller(call, askAws)).toBe(arn);
    const shuffled = Object.fromEntries(Object.entries(call).reverse()) as unknown as typeof call;
    expect(await provenCaller(shuffled, askAws)).toBe(arn);
  });

  test.each<[string, CallerProof | undefined]>([
    ['without a proof', undefined],
    ["with another order's proof", signedFor({ ...order, reason: 'another' })],
    [
      "with another order's signature beside this order's digest",
      signedFor(order, 'content-type;host;x-amz-date'),
    ],
    [
      "with another order's signature, which tells the signed headers twice",
      {
        ...signedFor(order),
        authorization: `AWS4-HMAC-SHA256 SignedHeaders=${orderHeader}, Credential=ASIAX/20260226/eu-central-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=0`,
      },
    ],
    ['with a proof that is empty', {}],
  ])('is not proven %s, and AWS is not even asked', async (_, proof) => {
    asked.length = 0;
    expect(await provenCaller({ ...order, ...(proof && { proof }) }, askAws)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is not proven where AWS does not accept the signature', async () => {
    const refuse = async () => Promise.reject(new Error('SignatureDoesNotMatch'));
    expect(await provenCaller({ ...order, proof: signedFor(order) }, refuse)).toBeUndefined();
  });

  test('the signed call goes to AWS as it was signed, and nothing else of what was sent', async () => {
    const proof: CallerProof = {
      ...signedFor(order),
      'x-amz-date': '20260226T031411Z',
      'x-evil': 'a',
      host: 'evil.example',
    };
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    const sts = createServer(async (request, response) => {
      got.push({ headers: request.headers, body: (await request.toArray()).join('') });
      response.end(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
        <Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`);
    });
    await new Promise<void>(done => sts.listen(0, '127.0.0.1', done));
    const { port } = sts.address() as AddressInfo;
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'of-the-function',
      AWS_SECRET_ACCESS_KEY: 'of-the-function',
    });
    try {
      expect(await askSts(proof)).toBe(arn);
    } finally {
      process.env = before;
      await new Promise(done => sts.close(done));
    }
    expect(got).toEqual([
      {
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
        headers: {
          host: `127.0.0.1:${port}`,
          connection: expect.any(String),
          'content-length': '43',
          authorization: proof.authorization,
          'x-amz-date': '20260226T031411Z',
          [orderHeader]: proof[orderHeader],
        },
      },
    ]);
  });

  test.each([
    [{ requestedBy: 'platform-admin' }, 'someone who claims to be platform-admin'],
    [{ requestedBy: arn, provenAs: arn }, arn],
    [{ requestedBy: 'platform-admin', provenAs: arn }, `${arn}, who claims to be platform-admin`],
  ])('%j reads: %s', (requester, words) => {
    expect(requesterInWords(requester)).toBe(words);
    const { response, graceSeconds, reason } = order;
    const cause = { by: 'person', ...requester, reason, response, graceSeconds } as const;
    const trigger = {
      incidentId: order.incidentId,
      address,
      cause,
      at: new Date(),
      drill: false,
      dryRun: false,
    };
    expect(causeInWords(begin(trigger, new Date()))).toBe(`ordered by ${words} (leaked on GitHub)`);
  });
});
