// A key that is put into a parameter of Systems Manager.
import type { AwsFault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { hourMs } from '../../../../core/time';
import { type DeliverSetup, key, openDeliverSetup } from './deliver-setup';

const kmsKey = 'arn:aws:kms:eu-west-1:111111111111:key/1a1a1a1a-1111-2222-3333-444444444444';
const place = { to: 'ssm', parameter: '/bot/key' };
const underOwnKey = { ...place, kmsKey };
let setup: DeliverSetup;
afterEach(() => setup.close());

const held = () => setup.aws.model.parameters.value('/bot/key');
const told = () => setup.notices.map(({ state }) => state);
const reason = () => Object.fromEntries(setup.notices[0]?.facts ?? [])['What happened'];
const allow = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }] };

test('each new key is there at once, and the one before ends after its overlap', async () => {
  setup = await openDeliverSetup([place], { overlapHours: 1 });
  await setup.rotated(await setup.promote('one'));
  expect(held()).toBe('one');
  await setup.retire();
  await setup.rotated(await setup.promote('two'));
  expect(held()).toBe('two');
  await setup.aws.passMs(2 * hourMs);
  expect(await setup.retire()).toEqual([key]);
  expect(told()).toEqual([]);
});

test('it is written once, however often it is delivered', async () => {
  setup = await openDeliverSetup([place]);
  const first = await setup.promote('one');
  for (let time = 0; time < 3; time++) await setup.rotated(first);
  await setup.deliver({ deliver: [key], anew: true });
  expect(setup.calls().filter(({ operation }) => operation === 'PutParameter')).toHaveLength(1);
});

test('a parameter is written under a KMS key of the team', async () => {
  setup = await openDeliverSetup([underOwnKey]);
  setup.aws.model.kms.add({ arn: kmsKey, policy: JSON.stringify(allow) });
  await setup.rotated(await setup.promote('one'));
  expect([held(), told()]).toEqual(['one', []]);
  expect(
    setup.aws.asked.some(({ action, resource }) => action === 'kms:Encrypt' && resource === kmsKey),
  ).toBe(true);
});

test('a KMS key that is not there is told, with the fix', async () => {
  setup = await openDeliverSetup([underOwnKey]);
  await setup.rotated(await setup.promote('one'));
  expect(reason()).toBe(
    'the KMS key of the SSM parameter /bot/key does not exist or cannot be used; see its policy, which has to let the deliver function encrypt and decrypt',
  );
});

test('a parameter of another type is left as it is, and told', async () => {
  setup = await openDeliverSetup([place]);
  setup.aws.model.parameters.put({ name: '/bot/key', type: 'String', value: 'of others' });
  await setup.rotated(await setup.promote('one'));
  expect(held()).toBe('of others');
  expect(reason()).toMatch(/^the SSM parameter \/bot\/key is of another type; delete it/);
  setup.aws.model.parameters.remove('/bot/key');
  await setup.aws.passMs(hourMs);
  await setup.hourly();
  expect([held(), told()]).toEqual(['one', ['begins', 'over']]);
});

test('a call that AWS denies is told without the key, and goes through once it is allowed', async () => {
  setup = await openDeliverSetup([place]);
  setup.aws.rules.decide = ({ action }) =>
    action === 'ssm:PutParameter' ? ({ allowed: false, message: 'no' } as never) : { allowed: true };
  await setup.rotated(await setup.promote('hunter2-secret'));
  expect(reason()).toBe(
    'AWS refused ssm:PutParameter (AccessDeniedException); deploy the platform stack again, or find the policy that denies it',
  );
  expect(JSON.stringify(setup.notices)).not.toContain('hunter2');
  setup.aws.rules.decide = () => ({ allowed: true });
  await setup.aws.passMs(hourMs);
  await setup.hourly();
  expect([held(), told()]).toEqual(['hunter2-secret', ['begins', 'over']]);
});

test('what somebody else writes in the same moment is told, holds the old key, and is written over within the hour', async () => {
  let others = 0;
  const intercept = ({ operation }: InterceptedCall): AwsFault | undefined => {
    if (operation !== 'PutParameter' || ++others !== 2) return undefined;
    const answer = async (carryOut: () => Promise<unknown>) => {
      const answered = await carryOut();
      setup.aws.model.parameters.put({ name: '/bot/key', type: 'SecureString', value: 'of others' });
      return answered;
    };
    return { kind: 'instead', answer };
  };
  setup = await openDeliverSetup([place], { overlapHours: 1, intercept });
  await setup.rotated(await setup.promote('one'));
  await setup.retire();
  await setup.rotated(await setup.promote('two'));
  expect([held(), reason()]).toEqual([
    'of others',
    'it holds something other than what Keyturn stored there; find out who writes it',
  ]);
  await setup.aws.passMs(hourMs);
  expect(await setup.retire()).toEqual([]);
  await setup.hourly();
  expect([held(), told(), await setup.retire()]).toEqual(['two', ['begins', 'over'], [key]]);
});

test('what somebody else wrote there afterwards is noticed when it is asked for', async () => {
  setup = await openDeliverSetup([place]);
  await setup.rotated(await setup.promote('one'));
  setup.aws.model.parameters.put({ name: '/bot/key', type: 'SecureString', value: 'of others' });
  await setup.deliver({ deliver: [key], anew: true });
  expect(held()).toBe('one');
});
