// A key whose server is a function of Lambda, which reads it when an environment starts: what is changed for that, and what never is.
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsFault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { minuteMs } from '../../../../core/time';
import { logger } from '../../../../lambda/aws/runtime/logger';
import { type DeliverSetup, type FunctionOptions, key, openDeliverSetup } from './deliver-setup';

const FunctionName = 'bot';
const secretOfOthers = 'hunter2-of-others';
const variables = { STRIPE_KEY: secretOfOthers, LOG_LEVEL: 'info' };
const overlapHours = 1;
let setup: DeliverSetup;
let admin: LambdaClient;
/** Runs before the call of that name, once. */
let before: Record<string, () => Promise<unknown> | unknown> = {};

afterEach(async () => {
  before = {};
  admin.destroy();
  await setup.close();
});

async function open(options: FunctionOptions = {}): Promise<void> {
  const { alias } = options;
  const intercept = ({ operation, caller }: InterceptedCall): AwsFault | undefined => {
    const { [operation]: act, ...others } = before;
    if (!act || caller.sessionName !== 'keyturn-prod-deliver') return undefined;
    before = others;
    const answer = async (carryOut: () => Promise<unknown>) => {
      await act();
      return carryOut();
    };
    return { kind: 'instead', answer };
  };
  const place = { to: 'lambda', function: FunctionName, ...(alias && { alias }) };
  setup = await openDeliverSetup([place], { overlapHours, intercept });
  setup.addFunction({ variables, ...options });
  admin = new LambdaClient(setup.aws.as('admin'));
}

async function openDelivered(options: FunctionOptions = {}): Promise<void> {
  await open(options);
  await setup.rotated(await setup.promote('one'));
}

const functions = () => setup.aws.model.configuredFunctions;
const configuration = (Qualifier?: string) =>
  admin.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
const told = () => setup.notices.map(({ state }) => state);
const reason = () => Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened'];
const made = (name: string) =>
  setup
    .calls()
    .filter(({ operation, caller }) => operation === name && caller.sessionName === 'keyturn-prod-deliver')
    .length;

const hours = (count: number) => setup.hours(count);

describe.each([{}, { alias: 'live' }])('called by %j', options => {
  test('new environments read a new key; then the old one ends, and the other variables stay', async () => {
    await openDelivered(options);
    await setup.retire();
    await setup.rotated(await setup.promote('two'));
    expect(setup.taken).toEqual(['bot: one', 'bot: two']);
    expect(await hours(1)).toEqual([key]);
    const { Environment } = await configuration(options.alias);
    expect(Environment?.Variables).toEqual({ ...variables, KEYTURN_DELIVERED: expect.any(String) });
    expect(told()).toEqual([]);
  });

  test('what is delivered twice does no harm, and a person can have new environments started', async () => {
    await openDelivered(options);
    const second = await setup.promote('two');
    await Promise.all([setup.rotated(second), setup.rotated(second)]);
    await setup.rotated(second);
    expect([setup.taken, made('UpdateFunctionConfiguration')]).toEqual([['bot: one', 'bot: two'], 2]);
    await setup.deliver({ deliver: [key], anew: true });
    await hours(1);
    expect([setup.taken.length, told()]).toEqual([3, []]);
  });

  test('what somebody sets in between is kept', async () => {
    await open(options);
    const theirs = { ...variables, LOG_LEVEL: 'debug' };
    // It is through before ours is: only the revision tells.
    before = { UpdateFunctionConfiguration: () => functions().setVariables(FunctionName, theirs) };
    await setup.rotated(await setup.promote('one'));
    const { Environment } = await configuration();
    expect(Environment?.Variables).toMatchObject(theirs);
  });

  test('no value of a variable is in the table, a log, a message or an event, also where AWS quotes it', async () => {
    const written: string[] = [];
    const spies = (['info', 'warn', 'error'] as const).map(level =>
      jest.spyOn(logger, level).mockImplementation((...said) => void written.push(JSON.stringify(said))),
    );
    await open({ ...options, variables: { ...variables, LONG: secretOfOthers.repeat(235) } });
    await setup.rotated(await setup.promote('one'));
    functions().setCourse(FunctionName, { takesMs: 1000, failsBy: 'InvalidConfiguration' });
    functions().setVariables(FunctionName, variables);
    await hours(1);
    for (const spy of spies) spy.mockRestore();
    expect(reason()).toMatch(
      /^Lambda refused to set KEYTURN_DELIVERED of .* its variables may be over 4 KB with it/,
    );
    expect(written.join('')).toContain('is not delivered to');
    const ofDeliver = setup.calls().filter(({ service }) => service !== 'lambda');
    const stored = JSON.stringify([setup.aws.model.dynamoDb.items('keyturn-prod'), ofDeliver]);
    expect(stored).toContain('lambda/bot');
    for (const text of [stored, JSON.stringify(setup.notices), written.join('')])
      expect(text).not.toContain(secretOfOthers);
  });

  test('an update that fails is told by its reason, and tried again', async () => {
    await open(options);
    functions().setCourse(FunctionName, { takesMs: 1000, failsBy: 'KMSKeyAccessDenied' });
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toBe('Lambda could not change its configuration (KMSKeyAccessDenied)');
    expect(setup.taken).toEqual([]);
    functions().setCourse(FunctionName, { takesMs: 1000 });
    await hours(3);
    expect([setup.taken, told()]).toEqual([['bot: one'], ['begins', 'over']]);
  });

  test('an update that takes long holds the old key', async () => {
    await openDelivered(options);
    await setup.retire();
    functions().setCourse(FunctionName, { takesMs: 100 * minuteMs });
    await setup.rotated(await setup.promote('two'));
    expect(await hours(1)).toEqual([]);
    expect(await hours(2)).toEqual([key]);
    expect(setup.taken).toEqual(['bot: one', 'bot: two']);
  });

  test('variables that it may not read are left as they are', async () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:111111111111:key/1a1a1a1a-1111-2222-3333-444444444444';
    await open({ ...options, kmsKeyArn });
    const policy = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }] };
    setup.aws.model.kms.add({ arn: kmsKeyArn, policy: JSON.stringify(policy) });
    setup.aws.rules.decide = ({ action, resource, caller }) =>
      action === 'kms:Decrypt' && resource === kmsKeyArn && caller.sessionName === 'keyturn-prod-deliver'
        ? ({ allowed: false, message: 'no' } as never)
        : { allowed: true };
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toMatch(/^the variables of .* are encrypted under a KMS key/);
    expect((await configuration()).Environment?.Variables).toEqual(variables);
  });
});

test('a change of somebody else that takes the marker away is noticed, and the key delivered again', async () => {
  await open({ timeoutSeconds: 200 });
  const version = await setup.promote('one');
  setup.aws.clock.schedule(new Date(setup.aws.clock.now().getTime() + minuteMs), 'a deployment', async () => {
    functions().setVariables(FunctionName, variables);
  });
  await setup.rotated(version);
  expect(reason()).toMatch(/^someone else has set its variables since, and KEYTURN_DELIVERED is gone/);
  await hours(2);
  expect(told()).toEqual(['begins', 'over']);
});

test('in an emergency an alias is moved at once, since nobody comes by for an hour', async () => {
  await openDelivered({ alias: 'live' });
  const began = setup.aws.clock.now().getTime();
  await setup.rotated(await setup.promote('two'), 'Key Contained');
  expect(setup.taken).toEqual(['bot: one', 'bot: two']);
  expect(setup.aws.clock.now().getTime() - began).toBeLessThanOrEqual(minuteMs);
});

test('it counts once invocations that began before can no longer run', async () => {
  await openDelivered();
  await setup.retire();
  functions().create({
    name: FunctionName,
    roleArn: 'arn:aws:iam::111111111111:role/bot',
    timeoutSeconds: 900,
  });
  const began = setup.aws.clock.now().getTime();
  await setup.rotated(await setup.promote('two'));
  const table = () => JSON.stringify(setup.aws.model.dynamoDb.items('keyturn-prod'));
  expect(table()).toContain('under-way');
  await setup.aws.passMs(began + 15 * minuteMs - setup.aws.clock.now().getTime());
  await setup.hourly();
  expect(table()).toContain('under-way');
  await setup.aws.passMs(2 * minuteMs);
  await setup.hourly();
  expect(table()).not.toContain('under-way');
});

test('two keys of one function each have a mark, and neither takes that of the other away', async () => {
  await open({ variables: { KEYTURN_DELIVERED: 'prod/other/bot=v1.abcd1234' } });
  const version = await setup.promote('one');
  await setup.rotated(version);
  const { Environment } = await configuration();
  expect(Environment?.Variables?.KEYTURN_DELIVERED).toMatch(
    new RegExp(`^prod/other/bot=v1\\.abcd1234 ${key}=${version}\\.[0-9a-f]{8}$`),
  );
});

describe('an alias', () => {
  const alias = 'live';
  const versionOf = () => functions().versionOf(FunctionName, alias);

  test('is moved to a version of the same code, and to no other', async () => {
    await openDelivered({ alias });
    expect(versionOf()).toBe('2');
    functions().setCode(FunctionName, 'not released yet');
    await setup.rotated(await setup.promote('two'));
    expect(reason()).toBe(
      '$LATEST of bot has other code or settings than the alias live of the Lambda function bot; publish a version of it and point the alias there, then deliver again',
    );
    expect([versionOf(), made('UpdateFunctionConfiguration')]).toEqual(['2', 1]);
  });

  test.each(['GetAlias', 'PublishVersion'])(
    'is not moved to code that is uploaded before %s of a delivery',
    async operation => {
      await openDelivered({ alias });
      functions().setCourse(FunctionName, { takesMs: 1000, publishingMs: 0 });
      const second = await setup.promote('two');
      // The first look at the alias is before the update; what comes after it is here.
      before = {
        UpdateFunctionConfiguration: () => {
          before = { [operation]: () => functions().setCode(FunctionName, 'not released yet') };
        },
      };
      await setup.rotated(second);
      expect([versionOf(), setup.taken]).toEqual(['2', ['bot: one']]);
      expect(reason()).toMatch(/^\$LATEST of bot has other code/);
    },
  );

  test('whose calls are spread over two versions is refused before anything changes', async () => {
    await open({ alias });
    functions().setWeights(FunctionName, alias, { '1': 0.1 });
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toMatch(
      /^the alias live of the Lambda function bot spreads its calls over two versions/,
    );
    expect(made('UpdateFunctionConfiguration')).toBe(0);
    functions().setWeights(FunctionName, alias, {});
    await hours(2);
    expect([setup.taken, told()]).toEqual([['bot: one'], ['begins', 'over']]);
  });

  test('is moved to a version that is ready', async () => {
    await open({ alias });
    let state: string | undefined;
    before = {
      async UpdateAlias() {
        state = (await configuration('2')).State;
      },
    };
    await setup.rotated(await setup.promote('one'));
    expect([state, versionOf()]).toEqual(['Active', '2']);
  });

  test.each(['PublishVersion', 'UpdateAlias'])(
    'that CodeDeploy begins to move before %s is left alone',
    async operation => {
      await open({ alias });
      before = { [operation]: () => functions().setWeights(FunctionName, alias, { '1': 0.1 }) };
      await setup.rotated(await setup.promote('one'));
      expect([versionOf(), setup.taken]).toEqual(['1', []]);
      expect(reason()).toMatch(/spreads its calls over two versions/);
    },
  );

  test('that is not there is told', async () => {
    await open();
    setup.deploy([{ to: 'lambda', function: FunctionName, alias } as never]);
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toMatch(/^the alias live of the Lambda function bot does not exist; correct/);
  });
});
