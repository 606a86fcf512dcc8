// What `keyturn check` says of the trail that tells Keyturn who reads secrets.
import type { GetEventSelectorsResponse } from '@aws-sdk/client-cloudtrail';
import { logsEvent } from '../../../../bin/aws/account/trails';
import { type Cli, openCli } from '../../support/cli';
import { withConfig } from '../../support/with-config';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

async function check(trail: 'exists' | 'create') {
  let ended = { code: -1, out: '' };
  const withTrail = (source: string) =>
    source.replace("policy: 'prod',", `policy: 'prod', trail: '${trail}',`);
  await withConfig(withTrail, async config => {
    ended = await cli.run(['check', '--env', 'prod', '--config', config]);
  });
  return ended;
}

const own = (name: string) => `arn:aws:cloudtrail:eu-west-1:111111111111:trail/${name}`;
const ofOrganization = '999999999999';
const theirs = `arn:aws:cloudtrail:eu-west-1:${ofOrganization}:trail/audit`;

describe("trail: 'exists'", () => {
  test.each([
    ['all in one', [{ name: 'audit', readEvents: true }]],
    [
      'reads and writes in two',
      [
        { name: 'audit', readEvents: true, writeEvents: false },
        { name: 'changes', readEvents: false },
      ],
    ],
    [
      "the organization's, with the events that are the default",
      [{ name: 'audit', readEvents: true, ofOrganization }],
    ],
    ['KMS left out', [{ name: 'audit', readEvents: true, excludedSources: ['kms.amazonaws.com'] }]],
    [
      'one is stopped, and another logs',
      [
        { name: 'audit', readEvents: true, isLogging: false },
        { name: 'keyturn-dev-reads', readEvents: true },
      ],
    ],
  ])('is true: %s', async (_, trails) => {
    for (const trail of trails) cli.model.cloudTrail.addTrail(trail);
    const { code, out } = await check('exists');
    expect(out).not.toMatch(/trail|note:/);
    expect(code).toBe(0);
  });

  test.each([
    ['there is none', undefined, 'the account has no trail in eu-west-1: no one sees who reads secrets'],
    [
      'the only one is what this environment created, and the deploy removes it',
      { name: 'keyturn-prod-reads', readEvents: true },
      'the account has no trail in eu-west-1',
    ],
    [
      'it is stopped',
      { name: 'audit', readEvents: true, isLogging: false },
      `none logs read and write management events of Secrets Manager: ${own('audit')} is stopped: \`aws cloudtrail start-logging --name ${own('audit')} --region eu-west-1\``,
    ],
    [
      "the organization's is stopped",
      { name: 'audit', readEvents: true, isLogging: false, ofOrganization },
      `${theirs} is stopped`,
    ],
    [
      'it leaves out reads',
      { name: 'audit', readEvents: false },
      `none logs read management events of Secrets Manager: ${own('audit')} leaves out read management events: let its event selectors take all`,
    ],
    [
      'it leaves out writes',
      { name: 'audit', readEvents: true, writeEvents: false },
      'leaves out write management events',
    ],
    [
      'it leaves out Secrets Manager',
      { name: 'audit', readEvents: true, excludedSources: ['secretsmanager.amazonaws.com'] },
      'leaves out read and write management events',
    ],
  ])('is an error: %s', async (_, trail, what) => {
    if (trail) cli.model.cloudTrail.addTrail(trail);
    const { code, out } = await check('exists');
    expect(out).toContain(`prod: do not deploy yet: trail "exists", but `);
    expect(out).toContain(what);
    expect(out).toContain("write trail: 'create' and deploy");
    expect(code).toBe(1);
  });

  test("what a member account may not see of the organization's trail is said, and keeps nobody from a deploy", async () => {
    cli.model.cloudTrail.addTrail({ name: 'audit', readEvents: false, ofOrganization });
    const { code, out } = await check('exists');
    expect(out).toContain(`prod: note: could not see whether ${theirs} logs the events`);
    expect(out).toContain('Ask those who run it whether it logs read and write management events');
    expect(code).toBe(0);
  });

  test.each([
    ['cloudtrail:DescribeTrails', 'AWS does not let you list the trails'],
    ['cloudtrail:GetTrailStatus', `could not see whether ${own('audit')} is logging, and which events`],
  ])('without %s, what nobody has checked is said', async (refused, what) => {
    cli.model.cloudTrail.addTrail({ name: 'audit', readEvents: true });
    cli.hooks.decide = ({ action }) =>
      action === refused ? { allowed: false, message: 'not you' } : { allowed: true };
    const { code, out } = await check('exists');
    expect(out).toContain(`prod: note: ${what}`);
    expect(code).toBe(0);
  });
});

describe("trail: 'create'", () => {
  const created = { name: 'keyturn-prod-reads', readEvents: true };

  test.each([
    ['nothing is deployed', []],
    ['it is deployed', [created]],
    ['another logs writes only', [created, { name: 'changes', readEvents: false }]],
    ['another is stopped', [created, { name: 'audit', readEvents: true, isLogging: false }]],
  ])('is no further copy: %s', async (_, trails) => {
    for (const trail of trails) cli.model.cloudTrail.addTrail(trail);
    const { code, out } = await check('create');
    expect(out).not.toMatch(/trail|note:/);
    expect(code).toBe(0);
  });

  test('beside a trail of the organization it is a further copy, with its price', async () => {
    cli.model.cloudTrail.addTrail({ name: 'audit', readEvents: true, ofOrganization });
    const { code, out } = await check('create');
    expect(out).toContain(
      `prod: note: trail "create" makes a further copy of management events at $2.00 per 100,000 events, since other trails log them: ${theirs}; write trail: 'exists'`,
    );
    expect(code).toBe(0);
  });

  test('stopped by somebody, it is an error', async () => {
    cli.model.cloudTrail.addTrail({ ...created, isLogging: false });
    const { code, out } = await check('create');
    expect(out).toContain(`trail "create", but ${own('keyturn-prod-reads')} is stopped`);
    expect(code).toBe(1);
  });
});

describe('whether selectors of fields log reads of secrets', () => {
  const read = {
    eventCategory: 'Management',
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: 'GetSecretValue',
    eventType: 'AwsApiCall',
    readOnly: 'true',
  };
  const managed = { Field: 'eventCategory', Equals: ['Management'] };
  test.each<[boolean, string, GetEventSelectorsResponse['AdvancedEventSelectors'] & object]>([
    [true, 'all management events', [{ FieldSelectors: [managed] }]],
    [true, 'reads', [{ FieldSelectors: [managed, { Field: 'readOnly', Equals: ['true'] }] }]],
    [false, 'writes', [{ FieldSelectors: [managed, { Field: 'readOnly', Equals: ['false'] }] }]],
    [
      true,
      'all but KMS',
      [{ FieldSelectors: [managed, { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] }] }],
    ],
    [
      false,
      'all but secrets',
      [{ FieldSelectors: [managed, { Field: 'eventSource', NotStartsWith: ['secretsmanager'] }] }],
    ],
    [false, 'one caller', [{ FieldSelectors: [managed, { Field: 'userIdentity.arn', Equals: ['arn:x'] }] }]],
    [false, 'data events', [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] }]],
    [false, 'nothing', []],
  ])('is %s where they select %s', (isLogged, _, AdvancedEventSelectors) => {
    expect(logsEvent({ AdvancedEventSelectors }, read)).toBe(isLogged);
  });
});
