import type { CustomResources } from '../cloudformation/custom-resources';
import type { Resource } from '../template/assembly';
import { type LocalAws, lambdaArn, minutes, openLocalAws, roleSession } from './support/local-aws';

interface Request {
  RequestType: string;
  ResponseURL: string;
  RequestId: string;
  StackId: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
}

let aws: LocalAws;
let requests: Request[];
let custom: CustomResources;

beforeEach(async () => {
  aws = await openLocalAws({ deployer: roleSession('deployer') });
  custom = aws.model.customResources;
  requests = [];
});
afterEach(() => aws.close());

const resource = (properties: Record<string, unknown> = {}): Resource => ({
  ref: 'R',
  stack: 'stack',
  region: 'eu-west-1',
  logicalId: 'R',
  path: 'stack/R',
  type: 'Custom::Thing',
  properties: { ServiceToken: lambdaArn('thing'), ...properties },
  metadata: {},
  dependencies: [],
  deletionPolicy: 'Delete',
  updateReplacePolicy: 'Delete',
});

const answerOf = ({ StackId, RequestId, LogicalResourceId }: Request, rest: object) =>
  JSON.stringify({
    Status: 'SUCCESS',
    PhysicalResourceId: 'p1',
    StackId,
    RequestId,
    LogicalResourceId,
    ...rest,
  });

const put = ({ ResponseURL }: Request, body: string, headers = {}) =>
  fetch(`${aws.endpoint}${ResponseURL.slice(new URL(ResponseURL).origin.length)}`, {
    method: 'PUT',
    body: new TextEncoder().encode(body),
    headers,
  });

function answering(reply: (request: Request) => object) {
  aws.addFunction('thing', async (request: never) => {
    requests.push(request);
    await put(request, answerOf(request, reply(request)));
  });
}

test('a function gets the request, numbers as text, and its answer gives the id', async () => {
  answering(() => ({}));
  const id = await aws.clock.runWhile(() => custom.create(resource({ Count: 3, On: true, List: ['a', 1] })));
  expect(id).toBe('p1');
  expect(requests).toMatchObject([
    {
      RequestType: 'Create',
      LogicalResourceId: 'R',
      ResourceType: 'Custom::Thing',
      ResourceProperties: { Count: '3', On: 'true', List: ['a', '1'] },
      ResponseURL: expect.stringMatching(
        /^https:\/\/cloudformation-custom-resource-response-euwest1\.s3\.eu-west-1\.amazonaws\.com\//,
      ),
    },
  ]);
});

test('an update tells what was there, and a deletion names it', async () => {
  answering(() => ({ PhysicalResourceId: 'p2' }));
  const now = await aws.clock.runWhile(() => custom.update(resource({ A: 2 }), resource({ A: 1 }), 'p1'));
  await aws.clock.runWhile(() => custom.delete(resource({ A: 2 }), now));
  expect(requests).toMatchObject([
    { RequestType: 'Update', PhysicalResourceId: 'p1', OldResourceProperties: { A: '1' } },
    { RequestType: 'Delete', PhysicalResourceId: 'p2' },
  ]);
});

test.each<[string, object, string]>([
  ['it says so', { Status: 'FAILED', Reason: 'not today' }, 'Message returned: not today'],
  ['the answer is over 4 KB', { Reason: 'x'.repeat(4096) }, 'too long'],
  ['it gives no id', { PhysicalResourceId: '' }, 'Invalid PhysicalResourceId'],
  ['it answers to something else', { RequestId: 'another' }, 'RequestId does not match'],
  ['its status is unknown', { Status: 'OK' }, 'Status must be SUCCESS or FAILED'],
])('fails where %s', async (_, reply, text) => {
  answering(() => reply);
  await expect(aws.clock.runWhile(() => custom.create(resource()))).rejects.toThrow(text);
});

test.each([
  [undefined, 60],
  [300, 5],
])('no answer is a failure after the service time-out (%p s): %d minutes', async (ServiceTimeout, after) => {
  aws.addFunction('thing', () => 'nothing');
  const began = aws.clock.now().getTime();
  const given = ServiceTimeout ? { ServiceTimeout } : {};
  await expect(aws.clock.runWhile(() => custom.create(resource(given)))).rejects.toThrow(
    'did not receive a response',
  );
  expect(aws.clock.now().getTime() - began).toBe(minutes(after));
});

test('a function that fails is called again, as Lambda does', async () => {
  let calls = 0;
  aws.addFunction('thing', async (request: never) => {
    if (++calls < 3) throw new Error('lost');
    await put(request, answerOf(request, {}));
  });
  await aws.clock.runWhile(() => custom.create(resource()));
  expect(calls).toBe(3);
});

test('a typed body is refused, as the URL was signed for none; and a late or second answer counts for nothing', async () => {
  const statuses: number[] = [];
  aws.addFunction('thing', async (request: never) => {
    statuses.push((await put(request, 'x', { 'content-type': 'text/plain' })).status);
    statuses.push((await put(request, answerOf(request, {}))).status);
    statuses.push((await put(request, answerOf(request, { Status: 'FAILED' }))).status);
  });
  expect(await aws.clock.runWhile(() => custom.create(resource()))).toBe('p1');
  expect(statuses).toEqual([403, 200, 200]);
});

test('the deployer must be allowed to call the function', async () => {
  answering(() => ({}));
  aws.rules.decide = ({ action, caller }) =>
    action === 'lambda:InvokeFunction' && caller.sessionName === 'deployer'
      ? { allowed: false, message: 'not authorized to perform: lambda:InvokeFunction' }
      : { allowed: true };
  await expect(aws.clock.runWhile(() => custom.create(resource()))).rejects.toThrow('lambda:InvokeFunction');
  expect(requests).toEqual([]);
});
