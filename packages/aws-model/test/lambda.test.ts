import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { hours, type LocalAws, lambdaArn, minutes, openLocalAws } from './support/local-aws';

const dlq = 'arn:aws:sqs:eu-west-1:111111111111:dlq';
let aws: LocalAws;
let client: LambdaClient;

beforeEach(async () => {
  aws = await openLocalAws();
  client = new LambdaClient(aws.as('cli'));
  aws.model.queues.add({ name: 'dlq' });
});
afterEach(() => aws.close());

const invoke = (
  InvocationType: 'Event' | 'RequestResponse' | 'DryRun' = 'RequestResponse',
  payload: unknown = { a: 1 },
) =>
  client.send(
    new InvokeCommand({ FunctionName: 'fn', InvocationType, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
const text = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes!).toString());
const fails = () => {
  throw new TypeError('broken');
};

test('RequestResponse waits for the result', async () => {
  aws.addFunction('fn', event => ({ got: event }));
  const { StatusCode, Payload, FunctionError, ExecutedVersion } = await invoke();
  expect({ StatusCode, FunctionError, ExecutedVersion, payload: text(Payload) }).toEqual({
    StatusCode: 200,
    FunctionError: undefined,
    ExecutedVersion: '$LATEST',
    payload: { got: { a: 1 } },
  });
  expect(aws.asked).toMatchObject([
    { action: 'lambda:InvokeFunction', resource: lambdaArn('fn'), caller: { sessionName: 'cli' } },
  ]);
});

test('while the caller waits for the result, time passes for the function', async () => {
  aws.addFunction('fn', () => aws.clock.sleep(minutes(3)));
  await aws.clock.runWhile(() => invoke());
  expect(aws.clock.now()).toEqual(new Date('2026-11-23T00:03:00Z'));
});

test("a function's failure is 200 with FunctionError, and is not retried", async () => {
  let runs = 0;
  aws.addFunction('fn', () => {
    runs++;
    return fails();
  });
  const { StatusCode, FunctionError, Payload } = await invoke();
  expect({ StatusCode, FunctionError, payload: text(Payload) }).toEqual({
    StatusCode: 200,
    FunctionError: 'Unhandled',
    payload: { errorType: 'TypeError', errorMessage: 'broken' },
  });
  await aws.passMs(hours(1));
  expect(runs).toBe(1);
});

test('an unknown function is ResourceNotFoundException; a forbidden one AccessDeniedException', async () => {
  await expect(invoke()).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  aws.rules.decide = () => ({ allowed: false, message: 'not you' });
  await expect(invoke()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 403 },
  });
});

test('DryRun checks the permission and runs nothing', async () => {
  aws.addFunction('fn', fails);
  expect((await invoke('DryRun')).StatusCode).toBe(204);
});

describe('asynchronously', () => {
  let times: Date[];
  let requestIds: Set<string>;
  const failing = (settings = {}) =>
    aws.addFunction(
      'fn',
      (_event, by) => {
        times.push(aws.clock.now());
        requestIds.add(by.requestId);
        return fails();
      },
      settings,
    );
  const secondsRun = () =>
    times.map(time => (time.getTime() - new Date('2026-11-23T00:00:00Z').getTime()) / 1000);
  beforeEach(() => {
    times = [];
    requestIds = new Set();
  });

  test('a failing function is tried again after one minute and after two more, under the same request id', async () => {
    failing();
    expect((await invoke('Event')).StatusCode).toBe(202);
    await aws.passMs(hours(7));
    expect(secondsRun()).toEqual([0, 60, 180]);
    expect(requestIds.size).toBe(1);
  });

  test.each([0, 1])('MaximumRetryAttempts %i is kept', async maximumRetryAttempts => {
    failing({ maximumRetryAttempts });
    await invoke('Event');
    await aws.passMs(hours(7));
    expect(times).toHaveLength(1 + maximumRetryAttempts);
  });

  test('after the last attempt the dead letters get the bare event, with the error in attributes', async () => {
    failing({ deadLetterArn: dlq });
    await invoke('Event', { incident: 1 });
    await aws.passMs(hours(1));
    const [letter] = aws.model.queues.messages('dlq');
    expect(JSON.parse(letter!.body)).toEqual({ incident: 1 });
    expect(letter!.attributes).toEqual({
      RequestID: { DataType: 'String', StringValue: [...requestIds][0] },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'broken' },
    });
  });

  test('the dead letter is sent by the role of the function', async () => {
    failing({ deadLetterArn: dlq });
    await invoke('Event');
    await aws.passMs(hours(1));
    expect(aws.asked.at(-1)).toMatchObject({
      action: 'sqs:SendMessage',
      resource: dlq,
      caller: { arn: 'arn:aws:sts::111111111111:assumed-role/fn/fn' },
    });
  });

  test('an OnFailure destination gets a record of the invocation', async () => {
    failing({ onFailureArn: dlq });
    await invoke('Event', { incident: 1 });
    await aws.passMs(hours(1));
    expect(JSON.parse(aws.model.queues.messages('dlq')[0]!.body)).toMatchObject({
      version: '1.0',
      requestContext: {
        functionArn: `${lambdaArn('fn')}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { incident: 1 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      responsePayload: { errorType: 'TypeError', errorMessage: 'broken' },
    });
  });

  test('an event that would be too old by its next attempt is given up at once', async () => {
    failing({ onFailureArn: dlq, maximumEventAgeSeconds: 100 });
    await invoke('Event');
    await aws.passMs(minutes(1));
    expect(secondsRun()).toEqual([0, 60]);
    expect(JSON.parse(aws.model.queues.messages('dlq')[0]!.body).requestContext.condition).toBe(
      'EventAgeExceeded',
    );
  });

  test('reserved concurrency 0 sends the event to the dead letters at once', async () => {
    failing({ deadLetterArn: dlq, reservedConcurrency: 0 });
    await invoke('Event');
    await aws.passMs(0);
    expect(times).toEqual([]);
    expect(aws.model.queues.messages('dlq')).toHaveLength(1);
  });

  test('an event can be delivered twice, though it was handled', async () => {
    let runs = 0;
    const twice = await openLocalAws({
      knobs: { duplicateChance: 0.5 },
      random: () => (runs === 1 ? 0 : 0.9),
    });
    twice.addFunction('fn', () => void runs++);
    await new LambdaClient(twice.as('cli')).send(
      new InvokeCommand({ FunctionName: 'fn', InvocationType: 'Event' }),
    );
    await twice.passMs(hours(1));
    expect(runs).toBe(2);
    await twice.close();
  });
});

test('a payload beyond 256 KB is refused for an event', async () => {
  aws.addFunction('fn', () => undefined);
  await expect(invoke('Event', 'x'.repeat(256 * 1024))).rejects.toMatchObject({
    name: 'RequestTooLargeException',
  });
});
