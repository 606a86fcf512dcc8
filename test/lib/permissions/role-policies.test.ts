// What the role of each function reaches, and beside it the nearest that it does not.
import {
  account,
  isAllowed,
  reads,
  region,
  resources,
  role,
  secret,
  stores,
} from '../support/deployed-policies';

describe("what each function's role reaches", () => {
  const rotate = 'keyturn-prod-rotate-sendgrid';
  const key = 'keyturn/prod/sendgrid/support-bot/main';

  test.each([
    [rotate, reads, key, true],
    [rotate, stores, key, true],
    [rotate, reads, 'keyturn/prod/issuers/sendgrid', true],
    [rotate, stores, 'keyturn/prod/issuers/sendgrid', false],
    [rotate, reads, 'keyturn/prod/issuers/sendgrid-eu', false],
    [rotate, reads, 'keyturn/prod/issuers/okta', false],
    [rotate, reads, 'keyturn/prod/sendgrid-eu/support-bot/main', false],
    [rotate, reads, 'keyturn/prod/okta/support-bot/main', false],
    [rotate, reads, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    [rotate, reads, 'keyturn/dev/sendgrid/support-bot/main', false],
    ['keyturn-prod-retire', reads, key, true],
    ['keyturn-prod-retire', stores, key, false],
    ['keyturn-prod-retire', reads, 'keyturn/prod/issuers/sendgrid', true],
    ['keyturn-prod-retire', reads, 'keyturn/prod/issuers/auth0', false],
    ['keyturn-prod-retire', reads, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    ['keyturn-prod-emergency-revoke', stores, key, true],
    ['keyturn-prod-emergency-revoke', stores, 'keyturn/prod-eu/sendgrid/support-bot/main', false],
    ['keyturn-prod-emergency-revoke', stores, 'keyturn/prod/issuers/sendgrid', false],
    ['keyturn-prod-watch', reads, key, false],
    ['keyturn-prod-watch', reads, 'keyturn/prod/issuers/sendgrid', false],
  ])('%s, %s on %s: %s', (name, action, secretName, expected) => {
    const issuer = resources.find(({ properties }) => properties.Name === secretName);
    expect(
      isAllowed({
        caller: role(name),
        action,
        resource: secretName.includes('issuers') && issuer?.arn ? issuer.arn : secret(secretName),
      }),
    ).toBe(expected);
  });

  test.each([rotate, 'keyturn-prod-retire', 'keyturn-prod-emergency-revoke'])(
    '%s does not read what somebody else created under the name of an issuer credential',
    caller => {
      const resource = secret('keyturn/prod/issuers/sendgrid');
      expect(isAllowed({ caller: role(caller), action: reads, resource })).toBe(false);
    },
  );

  test.each([
    ['keyturn-prod-rotate-sendgrid', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-rotate-sendgrid', { 'events:source': 'aws.health' }, false],
    ['keyturn-prod-emergency-revoke', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-emergency-revoke', { 'events:source': 'keyturn-prod' }, false],
    ['keyturn-prod-watch', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-watch', { 'events:source': 'com.example' }, false],
    ['keyturn-prod-retire', { 'events:source': 'keyturn' }, true],
    ['keyturn-prod-retire', { 'events:source': 'com.example' }, false],
  ])('%s publishes events with %j: %s', (name, context, expected) => {
    const resource = `arn:aws:events:${region}:${account}:event-bus/default`;
    expect(isAllowed({ caller: role(name), action: 'events:PutEvents', resource, context })).toBe(expected);
  });

  test.each([
    ['keyturn-prod-emergency-revoke', 'keyturn-prod', 'dynamodb:PutItem', true],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod', 'dynamodb:DeleteItem', false],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-eu', 'dynamodb:PutItem', false],
    ['keyturn-prod-watch', 'keyturn-prod', 'dynamodb:Query', false],
  ])('%s in the table %s, %s: %s', (name, table, action, expected) => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
    expect(isAllowed({ caller: role(name), action, resource })).toBe(expected);
  });

  test.each([
    ['keyturn-prod', 'signal', true],
    ['keyturn-prod', 'source#prod/sendgrid/bot', true],
    ['keyturn-prod', 'source#prod-eu/sendgrid/bot', false],
    ['keyturn-prod', 'incident', false],
    ['keyturn-prod', 'key', false],
    ['keyturn-prod', 'unproven', false],
    ['keyturn-prod-eu', 'signal', false],
  ])('watch writes into the table %s under %s: %s', (table, key, expected) => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
    const call = { caller: role('keyturn-prod-watch'), action: 'dynamodb:PutItem', resource };
    expect(isAllowed({ ...call, context: { 'dynamodb:LeadingKeys': key } })).toBe(expected);
    expect(isAllowed(call)).toBe(false);
  });

  test.each([
    ['keyturn-prod', 'server-read', true],
    ['keyturn-prod', 'incident', false],
    ['keyturn-prod', 'certificate', false],
    ['keyturn-prod-eu', 'server-read', false],
  ])('audit queries the table %s under %s: %s', (table, key, expected) => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
    const call = { caller: role('keyturn-prod-audit'), action: 'dynamodb:Query', resource };
    expect(isAllowed({ ...call, context: { 'dynamodb:LeadingKeys': key } })).toBe(expected);
    expect(isAllowed(call)).toBe(false);
  });

  test.each([
    ['keyturn-prod', { 'dynamodb:LeadingKeys': 'unknown-secret' }, true],
    ['keyturn-prod', { 'dynamodb:LeadingKeys': 'incident' }, false],
    ['keyturn-prod', {}, false],
    ['keyturn-prod-eu', { 'dynamodb:LeadingKeys': 'unknown-secret' }, false],
  ])('retire writes into the table %s with %j: %s', (table, context, expected) => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/${table}`;
    const call = { caller: role('keyturn-prod-retire'), action: 'dynamodb:PutItem', resource };
    expect(isAllowed({ ...call, context })).toBe(expected);
  });

  test.each([
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-oncall', true],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-alarms', false],
    ['keyturn-prod-emergency-revoke', 'keyturn-prod-eu-oncall', false],
    ['keyturn-prod-watch', 'keyturn-prod-oncall', true],
    ['keyturn-prod-rotate-sendgrid', 'keyturn-prod-oncall', false],
  ])('%s tells %s: %s', (name, topic, expected) => {
    const resource = `arn:aws:sns:${region}:${account}:${topic}`;
    expect(isAllowed({ caller: role(name), action: 'sns:Publish', resource })).toBe(expected);
  });
});
