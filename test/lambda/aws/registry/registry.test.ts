// Which keys a deployment has registered.
import { parseShortName } from '../../../../core/key/key-address';
import { deployedKeys, plainSpec } from '../../../support/deployed-keys';

test.each([
  ['prod/sendgrid/bot', true],
  ['prod/sendgrid/bot/newsletter', true],
  ['prod/sendgrid/bot-eu', false],
  ['prod/sendgrid/bot-eu/newsletter', false],
  ['prod-eu/sendgrid/bot', false],
  ['prod/sendgrid-eu/bot', false],
])('with %s, the server bot has keys at sendgrid in prod: %s', (registered, expected) => {
  const { registry } = deployedKeys({ address: parseShortName(registered), spec: plainSpec });
  expect(registry.hasKeysOf({ environment: 'prod', provider: 'sendgrid', server: 'bot' })).toBe(expected);
});
