// The conditions under which what the policies grant is granted: each is a promise, and a policy without it would still deploy.
import { templatesOf } from '../support/config-assemblies';

interface Statement {
  Sid?: string;
  Effect?: string;
  Action?: string | string[];
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

function* statementsIn(value: unknown): Generator<Statement> {
  if (typeof value !== 'object' || value === null) return;
  if ('Effect' in value && 'Sid' in value) yield value as Statement;
  for (const inner of Object.values(value)) yield* statementsIn(inner);
}

interface Held extends Statement {
  /** Name of the role or policy, or the logical id of what has it, without the hash. */
  of: string;
}

const statements: Held[] = Object.values(templatesOf('every provider and option in aws')).flatMap(
  ({ Resources }) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const { RoleName, ManagedPolicyName } = resource.Properties ?? {};
      const of = String(RoleName ?? ManagedPolicyName ?? id.replace(/[0-9A-F]{8}$/, ''));
      return [...statementsIn(resource)].map(statement => ({ ...statement, of }));
    }),
);

/** `ArnEquals aws:SourceArn rule/keyturn-prod-retire-hourly` */
function inWords({ Condition = {} }: Statement): string[] {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, values]) =>
        `${operator} ${key} ${[values]
          .flat()
          .map(value => String(value).replace(/^arn:aws:[\w-]+:us-east-1:333333333333:/, ''))
          .join(', ')}`,
    ),
  );
}

describe('in the table, each function reaches the items that it needs', () => {
  const onTable = statements.filter(
    ({ Effect, Action }) => Effect === 'Allow' && [Action].flat().some(act => act?.startsWith('dynamodb:')),
  );

  test('none but the emergency function does so without naming them, and a call that names none is refused', () => {
    expect(onTable.length).toBeGreaterThan(20);
    const free = onTable.filter(
      ({ Condition }) =>
        (Condition?.Null as Record<string, unknown> | undefined)?.['dynamodb:LeadingKeys'] !== 'false' ||
        !Object.keys(Condition ?? {}).some(operator => operator.startsWith('ForAllValues:String')),
    );
    expect(free.map(({ of, Sid }) => `${of} ${Sid}`)).toEqual(['keyturn-prod-emergency-revoke Incidents']);
  });

  const [reads, writes, changes, queries] = ['GetItem', 'PutItem', 'UpdateItem', 'Query'];
  test.each([
    ['rotate-sendgrid', 'Attempts', [reads, writes], ['attempt#prod/sendgrid/*', 'unproven']],
    ['rotate-sendgrid', 'CertifiesEnds', [writes, changes], ['certificate', 'second-look']],
    ['retire', 'CertifiesEnds', [writes, changes], ['certificate', 'second-look']],
    [
      'retire',
      'KnowsWhatWasTold',
      [reads, writes, queries, changes],
      ['unknown-secret', 'found', 'problem', 'problem-group', 'server-read', 'delivery'],
    ],
    ['audit', 'KnowsWhatIsContained', [reads], ['key']],
    ['audit', 'KnowsWhatWasTold', [reads, changes], ['audit']],
    ['audit', 'SeesReports', [queries], ['server-read']],
    ['deliver', 'KnowsDeliveries', [reads, queries, changes], ['delivery', 'problem', 'problem-group']],
    ['leak-report', 'WritesSignals', [reads, writes], ['leak', 'signal']],
    [
      'watch',
      'KnowsReaders',
      [reads, writes, changes],
      ['source#prod/*', 'refused-reads#prod/*', 'watched', 'server-read', 'issuer-read', 'signal'],
    ],
    ['tell', 'KnowsWhatWasTold', [reads, changes], ['problem', 'problem-group', 'found']],
    ['tell', 'ConfirmsUnproven', [reads], ['unproven']],
    [
      'token-every-bot',
      'RootLease',
      [reads, changes],
      ['root-lease#prod/oauth-client/every-bot/crm', 'root-lease#prod/slack/every-bot'],
    ],
  ])('%s, %s: %j of %j', (name, sid, actions, keys) => {
    const [only, ...others] = onTable.filter(({ of, Sid }) => of === `keyturn-prod-${name}` && Sid === sid);
    expect(others).toEqual([]);
    expect([only?.Action].flat()).toEqual(actions.map(action => `dynamodb:${action}`));
    const [[, named] = []] = Object.entries(only?.Condition ?? {}).filter(
      ([operator]) => operator !== 'Null',
    );
    expect(named).toEqual({ 'dynamodb:LeadingKeys': keys });
  });

  test('attempts are those of providers of the function, and of no provider whose name begins the same', () => {
    for (const { of, Sid, Condition } of onTable.filter(({ Sid }) =>
      /Attempts|KnowsWhatWasMade/.test(String(Sid)),
    )) {
      const keys = [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']].flat().map(String);
      const foreign = keys.filter(key => !/^(attempt#prod\/[a-z0-9-]+\/\*|unproven)$/.test(key));
      expect([of, Sid, foreign]).toEqual([of, Sid, []]);
    }
  });
});

describe('who may publish events, metrics and messages', () => {
  test('events are of one source alone, whoever publishes them', () => {
    const puts = statements.filter(({ Action }) => Action === 'events:PutEvents');
    expect(puts.length).toBeGreaterThan(20);
    for (const statement of puts) expect(inWords(statement)).toEqual(['StringEquals events:source keyturn']);
  });

  test.each([
    [
      'keyturn-prod-every-bot-usage',
      'CountsUse',
      ['StringEquals cloudwatch:namespace Keyturn/prod/every-bot'],
    ],
    [
      'AlarmsAccess',
      'AlarmsPublish',
      ['StringEquals aws:SourceAccount 333333333333', 'ArnLike aws:SourceArn alarm:keyturn-prod-*'],
    ],
    [
      'FallbackAccess',
      'AlarmsPublish',
      [
        'StringEquals aws:SourceAccount 333333333333',
        'ArnLike aws:SourceArn alarm:keyturn-prod-tell-stopped, alarm:keyturn-prod-nobody-told, alarm:keyturn-prod-deliveries-failed',
      ],
    ],
    ...['AlarmsAccess', 'OncallAccess', 'FallbackAccess'].map((of): [string, string, string[]] => [
      of,
      'OnlyEncrypted',
      ['Bool aws:SecureTransport false'],
    ]),
    [
      'ContainmentEmergencyDeadLettersQueuePolicy',
      'TakesUndelivered',
      ['ArnEquals aws:SourceArn keyturn-prod-alarms'],
    ],
    ['TellDeadLettersQueuePolicy', 'TakesUndelivered', ['ArnEquals aws:SourceArn keyturn-prod-alarms']],
  ])('%s, %s: %j', (name, sid, words) => {
    const found = statements.filter(({ of, Sid }) => of === name && Sid === sid);
    expect(found.map(inWords)).toEqual([words]);
  });
});

test.each([
  ['RetireGuard', 'Hourly', 'rule/keyturn-prod-retire-hourly'],
  ['AuditGuard', 'Daily', 'rule/keyturn-prod-audit-daily'],
  ['DeliverGuard', 'Changed', 'rule/keyturn-prod-deliver-changed'],
  ['DeliverGuard', 'Hourly', 'rule/keyturn-prod-deliver-hourly'],
  ['ContainmentEmergencyRevokeGuard', 'Alarms', 'keyturn-prod-alarms'],
  ['ContainmentEmergencyRevokeGuard', 'Signals', 'rule/keyturn-prod-signals'],
  ['ContainmentEmergencyRevokeGuard', 'Unfinished', 'rule/keyturn-prod-unfinished-incidents'],
  ['ContainmentWatchGuard', 'Reads', 'rule/keyturn-prod-secret-reads'],
  ['TellGuard', 'Alarms', 'keyturn-prod-alarms'],
  ['TellGuard', 'Rotations', 'rule/keyturn-prod-rotation-failed'],
  ['TellGuard', 'Unproven', 'rule/keyturn-prod-key-unproven'],
])('%s lets in %s from %s alone', (guard, sid, source) => {
  const found = statements.filter(({ of, Sid }) => of === guard && Sid === sid);
  expect(found.map(inWords)).toEqual([[`ArnEquals aws:SourceArn ${source}`]]);
});

describe("the bucket of the environment's own trail", () => {
  test.each([
    ['OnlyEncrypted', 'Deny', ['Bool aws:SecureTransport false']],
    ['TrailLooks', 'Allow', ['ArnEquals aws:SourceArn trail/keyturn-prod-reads']],
    [
      'TrailWrites',
      'Allow',
      [
        'ArnEquals aws:SourceArn trail/keyturn-prod-reads',
        'StringEquals s3:x-amz-acl bucket-owner-full-control',
      ],
    ],
  ])('%s, %s: %j', (sid, effect, words) => {
    const found = statements.filter(({ of, Sid }) => of === 'ContainmentTrailLogPolicy' && Sid === sid);
    expect(found.map(({ Effect }) => Effect)).toEqual([effect]);
    expect(found.map(inWords)).toEqual([words]);
  });
});

describe('what is granted by a pattern reaches no further than it says', () => {
  /** With one provider in the place of each. */
  const ofOne = (text: string) =>
    text
      .replace(/^arn:aws:([\w-]+):us-east-1:333333333333:/, '$1 ')
      .replace(/keyturn\/prod\/[a-z0-9-]+\/\*$/, 'keyturn/prod/<provider>/*');
  const nameOf = (of: string) =>
    of
      .replace(/^keyturn-prod-/, '')
      .replace(/-providers-\d+$/, '')
      .replace(/^rotate-.*/, 'rotate-<provider>');

  test('every pattern of every role', () => {
    const granted = statements.filter(({ of, Effect }) => of.startsWith('keyturn-') && Effect === 'Allow');
    const patterns = granted.flatMap(({ of, Sid, Resource }) =>
      [Resource]
        .flat()
        .map(resource => (typeof resource === 'string' ? resource : JSON.stringify(resource)))
        .filter(resource => resource.includes('*'))
        .map(resource => `${nameOf(of)} ${Sid}: ${ofOne(resource)}`),
    );
    const ofProvider = 'secretsmanager secret:keyturn/prod/<provider>/*';
    expect([...new Set(patterns)].sort()).toEqual([
      'audit FindsCopies: *',
      'audit FindsKeys: *',
      `audit Keys: ${ofProvider}`,
      'audit ReadsParameters: ssm parameter/*',
      'audit SeesFilters: *',
      'audit SeesWhatOthersMay: *',
      'deliver EcsTaskDefinitions: *',
      'deliver FindsKeys: *',
      `deliver HandsOver: ${ofProvider}`,
      `deliver Keys: ${ofProvider}`,
      'emergency-revoke FindsAlarms: cloudwatch alarm:*',
      'emergency-revoke Investigates: *',
      `emergency-revoke Keys: ${ofProvider}`,
      'emergency-revoke ReadsAlarmHistory: cloudwatch alarm:keyturn-prod-*',
      'every-bot-usage CountsUse: *',
      `leak-report Keys: ${ofProvider}`,
      'removal-guard FindsKeys: *',
      'removal-guard SeesKeys: secretsmanager secret:keyturn/prod/*',
      'removal-guard SeesRollbacks: cloudformation stack/keyturn-prod/*',
      'retire FindsSuperseded: *',
      `retire Keys: ${ofProvider}`,
      'retire SeesReportsAndFilters: *',
      `retire StartsRotations: ${ofProvider}`,
      `rotate-<provider> KeysOfProvider: ${ofProvider}`,
      `watch KnowsServers: ${ofProvider}`,
    ]);
  });

  test.each([
    [
      'audit',
      [
        'lambda:ListFunctions',
        'ssm:DescribeParameters',
        'ecs:ListTaskDefinitions',
        'ecs:DescribeTaskDefinition',
        'secretsmanager:ListSecrets',
        'sns:GetSubscriptionAttributes',
        'iam:GetAccountAuthorizationDetails',
      ],
    ],
    ['deliver', ['ecs:DescribeTaskDefinition', 'secretsmanager:ListSecrets']],
    ['emergency-revoke', ['cloudtrail:LookupEvents', 'cloudwatch:GetMetricData']],
    ['every-bot-usage', ['cloudwatch:PutMetricData']],
    ['removal-guard', ['secretsmanager:ListSecrets']],
    ['retire', ['secretsmanager:ListSecrets', 'cloudwatch:GetMetricData', 'sns:GetSubscriptionAttributes']],
  ])('%s may do to everything in the account: %j', (name, actions) => {
    const onAll = statements.filter(
      ({ of, Effect, Resource }) => nameOf(of) === name && Effect === 'Allow' && Resource === '*',
    );
    expect(onAll.flatMap(({ Action }) => Action ?? []).sort()).toEqual([...actions].sort());
  });
});
