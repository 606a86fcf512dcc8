// Keys of servers in Bedrock AgentCore: a runtime, whose sessions end by themselves, and a credential provider that refers to the secret.
import { minuteMs } from '../../../../core/time';
import { type DeliverSetup, key, openDeliverSetup, serverRole } from './deliver-setup';

const runtime = 'support_bot-a1B2c3D4e5';
const inRuntime = { to: 'agentcore-runtime', runtime };
const byIdentity = { to: 'agentcore-identity', credentialProvider: 'bot-key' };
let setup: DeliverSetup;
afterEach(() => setup.close());

const told = () => setup.notices.map(({ state }) => state);
const reason = () => Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened'];
const made = () =>
  setup
    .calls()
    .filter(({ service }) => service === 'bedrock-agentcore')
    .map(({ operation }) => operation);

const hours = (count: number) => setup.hours(count);

describe('a runtime', () => {
  async function open(more: { capacityProvider?: string } = {}): Promise<void> {
    setup = await openDeliverSetup([inRuntime], { overlapHours: 9 });
    setup.aws.model.agentCore.putRuntime({ id: runtime, roleArn: serverRole, ...more });
  }

  test('has the new key once no session of before can live; until then the old key is kept, and nobody is told', async () => {
    await open();
    await setup.rotated(await setup.promote('one'));
    await setup.retire();
    // A short overlap shows what the delivery holds.
    setup.deploy([inRuntime], { overlapHours: 5 });
    await setup.rotated(await setup.promote('two'));
    expect(await hours(8)).toEqual([]);
    expect(await hours(1)).toEqual([key]);
    expect(told()).toEqual([]);
  });

  test('is asked once for each version, by a run that does not wait for what takes hours', async () => {
    await open();
    const began = setup.aws.clock.now().getTime();
    await setup.rotated(await setup.promote('one'));
    expect(setup.aws.clock.now().getTime() - began).toBeLessThan(minuteMs + 1);
    await hours(10);
    expect(made()).toEqual(['GetAgentRuntime']);
  });

  test('on instances that live for days is refused, with the fix', async () => {
    await open({ capacityProvider: 'arn:aws:bedrock-agentcore:eu-west-1:111111111111:capacity-provider/a' });
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toMatch(
      /^the AgentCore runtime support_bot-a1B2c3D4e5 runs on instances of a capacity provider, which live for up to 14 days .* client library/,
    );
    setup.aws.model.agentCore.putRuntime({ id: runtime, roleArn: serverRole });
    await hours(10);
    expect(told()).toEqual(['begins', 'over']);
  });

  test('that is not there is told', async () => {
    setup = await openDeliverSetup([inRuntime]);
    await setup.rotated(await setup.promote('one'));
    expect(reason()).toBe(
      'the AgentCore runtime support_bot-a1B2c3D4e5 does not exist; correct deliverTo, or create it',
    );
  });

  test('begins anew where another version becomes current', async () => {
    await open();
    await setup.rotated(await setup.promote('one'));
    await hours(5);
    await setup.rotated(await setup.promote('two'));
    const isUnderWay = () =>
      JSON.stringify(setup.aws.model.dynamoDb.items('keyturn-prod')).includes('under-way');
    await hours(8);
    expect(isUnderWay()).toBe(true);
    await hours(1);
    expect(isUnderWay()).toBe(false);
  });
});

describe('a credential provider', () => {
  async function open(secret?: (arn: string) => { arn: string; jsonKey: string }): Promise<void> {
    setup = await openDeliverSetup([byIdentity], { overlapHours: 1 });
    const refersTo = secret?.(setup.secretArn);
    setup.aws.model.agentCore.putCredentialProvider({
      name: byIdentity.credentialProvider,
      ...(refersTo && { secret: refersTo }),
    });
  }

  test.each([
    ['its ARN', (arn: string) => arn],
    ['its ARN without six characters', (arn: string) => arn.slice(0, -7)],
  ])('that refers to the secret by %s has every new key at once', async (_, shown) => {
    await open(arn => ({ arn: shown(arn), jsonKey: 'secret' }));
    await setup.rotated(await setup.promote('one'));
    await setup.retire();
    await setup.rotated(await setup.promote('two'));
    expect(await hours(2)).toEqual([key]);
    expect([told(), made()]).toEqual([[], ['GetApiKeyCredentialProvider', 'GetApiKeyCredentialProvider']]);
  });

  test.each([
    [
      'keeps a key of its own',
      undefined,
      /stores a key of its own, which rotations do not change; make it refer to arn:/,
    ],
    [
      'refers to a secret other than',
      (arn: string) => ({ arn: `${arn.slice(0, -7)}-2-AbCdEf`, jsonKey: 'secret' }),
      /refers to a secret other than that of prod\/self-issued\/bot; make it refer to arn:/,
    ],
    [
      'takes another part of it',
      (arn: string) => ({ arn, jsonKey: 'keyId' }),
      /reads the JSON key keyId of the secret; make it refer to arn:.* JSON key secret/,
    ],
  ])(
    'that %s is told with the fix, and the old key is kept; mended, it is over within the hour',
    async (_, secret, text) => {
      await open(secret);
      await setup.rotated(await setup.promote('one'));
      await setup.retire();
      await setup.rotated(await setup.promote('two'));
      expect(reason()).toMatch(text);
      expect(await hours(1)).toEqual([]);
      setup.aws.model.agentCore.putCredentialProvider({
        name: byIdentity.credentialProvider,
        secret: { arn: setup.secretArn, jsonKey: 'secret' },
      });
      expect(await hours(1)).toEqual([key]);
      expect(told()).toEqual(['begins', 'over']);
    },
  );

  test('finds a key that AWS rotates under the JSON key of its partner, and names that one where another is taken', async () => {
    const partner = {
      provider: 'datadog',
      stored: (apiKey: string) => ({ apiKey, apiKeyId: `id-of-${apiKey}` }),
    };
    setup = await openDeliverSetup([byIdentity], { partner });
    const put = (jsonKey: string) =>
      setup.aws.model.agentCore.putCredentialProvider({
        name: byIdentity.credentialProvider,
        secret: { arn: setup.secretArn, jsonKey },
      });
    put('secret');
    await setup.promote('one');
    await setup.hourly();
    expect(reason()).toMatch(
      /reads the JSON key secret of the secret; make it refer to arn:.* JSON key apiKey\)/,
    );
    put('apiKey');
    await hours(1);
    expect(told()).toEqual(['begins', 'over']);
  });

  test('that AWS does not let it see is told, and nothing of the key is', async () => {
    await open(arn => ({ arn, jsonKey: 'secret' }));
    setup.aws.rules.decide = ({ action }) =>
      action === 'bedrock-agentcore:GetApiKeyCredentialProvider'
        ? ({ allowed: false, message: 'no' } as never)
        : { allowed: true };
    await setup.rotated(await setup.promote('hunter2-secret'));
    expect(reason()).toMatch(
      /^AWS refused bedrock-agentcore:GetApiKeyCredentialProvider \(AccessDeniedException\)/,
    );
    expect(JSON.stringify(setup.notices)).not.toContain('hunter2-secret');
  });
});
