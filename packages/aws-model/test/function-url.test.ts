// Requests to the URL of a function: let in by its policy alone, passed on as Lambda does, answered as the function says.
import { PolicyEngine } from '@keyturn/iam/engine';
import { account, type LocalAws, lambdaArn, openLocalAws } from './support/local-aws';

const open = [
  ['lambda:InvokeFunctionUrl', { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } }],
  ['lambda:InvokeFunction', { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }],
] as const;
const policyOf = (statements: readonly (readonly [string, object])[]) =>
  JSON.stringify({
    Statement: statements.map(([Action, Condition]) => ({
      Sid: Action,
      Effect: 'Allow',
      Principal: '*',
      Action,
      Resource: lambdaArn('fn'),
      Condition,
    })),
  });

let aws: LocalAws;
let events: Record<string, unknown>[];
beforeEach(async () => {
  events = [];
  aws = await openLocalAws({ authorize: new PolicyEngine(account).authorize });
});
afterEach(() => aws.close());

function add(answer: unknown, settings: object = {}): void {
  aws.addFunction(
    'fn',
    event => {
      events.push(event);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    { policy: policyOf(open), urlAuthType: 'NONE', ...settings },
  );
}
const request = (body?: Buffer, headers: Record<string, string> = {}) =>
  aws.clock.runWhile(() =>
    aws.model.functionUrls.request('fn', { method: 'POST', headers, ...(body && { body }) }),
  );

test('both permissions let everybody in; either alone does not', async () => {
  add({ statusCode: 202, headers: { a: 'b' }, body: 'taken' });
  expect(await request()).toEqual({ status: 202, headers: { a: 'b' }, body: 'taken' });
  for (const statement of open) {
    add({}, { policy: policyOf([statement]) });
    expect(await request()).toMatchObject({ status: 403 });
  }
  expect(events).toHaveLength(1);
});

test('a function without a URL answers nobody', async () => {
  add({}, { urlAuthType: undefined });
  expect(await request()).toMatchObject({ status: 403 });
  expect(events).toEqual([]);
});

test('headers come in small letters, text as it is, and other bytes in base64', async () => {
  add({ statusCode: 200 });
  await request(Buffer.from('ä{"a":1}'), { 'X-Hub-Signature': 'Ab' });
  const bytes = Buffer.from([0xff, 0xfe, 0x00]);
  await request(bytes);
  await request();
  expect(events).toMatchObject([
    {
      version: '2.0',
      headers: { 'x-hub-signature': 'Ab' },
      requestContext: { http: { method: 'POST' } },
      body: 'ä{"a":1}',
      isBase64Encoded: false,
    },
    { body: bytes.toString('base64'), isBase64Encoded: true },
    {},
  ]);
  expect(events[2]).not.toHaveProperty('body');
});

test('what is too large is not passed on: 6 MB is the limit', async () => {
  add({ statusCode: 200 });
  expect(await request(Buffer.alloc(6 * 1024 * 1024, 'a'))).toMatchObject({ status: 200 });
  expect(await request(Buffer.alloc(6 * 1024 * 1024 + 1, 'a'))).toMatchObject({ status: 413 });
});

test('a function that fails, or has no call left, shows nothing of why', async () => {
  add(new Error('the key is sk-secret'));
  expect(await request()).toMatchObject({ status: 502, body: '{"Message":"Internal Server Error"}' });
  add({}, { reservedConcurrency: 0 });
  expect(await request()).toMatchObject({ status: 429 });
});

test('an answer without a status is a body', async () => {
  add({ hello: 1 });
  expect(await request()).toMatchObject({ status: 200, body: '{"hello":1}' });
});
