// An alarm is believed only as CloudWatch itself describes it: a message alone, whoever sent it, has no effect.
import { alarmName, writeAlarmDescription } from '../../../../core/incident/alarm-name';
import { confirmAlarm, type DescribedAlarm } from '../../../../lambda/aws/cloudwatch/alarm-check';

const home = { account: '333333333333', region: 'eu-central-1', environment: 'prod' };
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const subject = { signal: 'off-hours', address } as const;
const name = alarmName(subject);
const arn = `arn:aws:cloudwatch:eu-central-1:333333333333:alarm:${name}`;

describe('what CloudWatch has to confirm', () => {
  const message = { name, arn, state: 'ALARM', changedAt: new Date('2026-02-26T03:14:11.123Z') };
  const dimensions = { ...address };
  const described: DescribedAlarm = {
    arn,
    description: writeAlarmDescription('For people.', subject),
    alarmedAt: [new Date('2026-02-26T03:14:11.500Z')],
    metrics: [{ namespace: 'Keyturn/prod/support-bot', dimensions }],
  };

  test('a real alarm', () => {
    expect(confirmAlarm(message, described, home)).toEqual(subject);
  });

  test.each([-5_000, 5_000])('a time that differs by %i ms is the same moment', difference => {
    const alarmedAt = [new Date(message.changedAt.getTime() + difference)];
    expect(confirmAlarm(message, { ...described, alarmedAt }, home)).toEqual(subject);
    const [beyond] = alarmedAt.map(time => new Date(time.getTime() + Math.sign(difference)));
    expect(() => confirmAlarm(message, { ...described, alarmedAt: [beyond!] }, home)).toThrow(
      'CloudWatch does not say that it went to ALARM then',
    );
  });

  test('a composite of alarms of the same key', () => {
    const composed = {
      ...described,
      metrics: [],
      children: [name, alarmName({ ...subject, signal: 'auth-failures' })],
    };
    expect(confirmAlarm(message, composed, home)).toEqual(subject);
  });

  const foreignName = alarmName({ ...subject, address: { ...address, server: 'other-bot' } });
  /** Of the message alone, and of what CloudWatch is said to have answered, too. */
  const inBoth = (what: string, foreign: string): [string, object, DescribedAlarm][] => [
    [what, { arn: foreign }, described],
    [`${what}, as CloudWatch has it, too,`, { arn: foreign }, { ...described, arn: foreign }],
  ];
  test.each<[string, object, unknown]>([
    ['a message about an alarm that does not exist', {}, undefined],
    ['an alarm that was not in ALARM then', {}, { ...described, alarmedAt: [] }],
    [
      'an alarm that was in ALARM at another time',
      {},
      { ...described, alarmedAt: [new Date('2026-02-26T02:00:00Z')] },
    ],
    ...inBoth('an ARN of another account', arn.replace('333333333333', '444444444444')),
    ...inBoth('an ARN of another region', arn.replace('eu-central-1', 'us-east-1')),
    ...inBoth('an ARN that names another alarm', `${arn}x`),
    [
      'an alarm whose description names another key',
      {},
      { ...described, description: 'Keyturn: ["off-hours"]' },
    ],
    ['an alarm without a description', {}, { ...described, description: undefined }],
    [
      'an alarm on the metrics of another key',
      {},
      {
        ...described,
        metrics: [
          { namespace: 'Keyturn/prod/support-bot', dimensions: { ...dimensions, server: 'other-bot' } },
        ],
      },
    ],
    [
      'an alarm on the metrics of its key and of another one',
      {},
      {
        ...described,
        metrics: [
          ...described.metrics,
          { namespace: 'Keyturn/prod/support-bot', dimensions: { ...dimensions, purpose: 'other' } },
        ],
      },
    ],
    [
      'an alarm on metrics of another namespace',
      {},
      { ...described, metrics: [{ namespace: 'Attacker', dimensions }] },
    ],
    ['an alarm that watches nothing', {}, { ...described, metrics: [] }],
    ['a composite that watches nothing', {}, { ...described, metrics: [], children: [] }],
    [
      'a composite of alarms of another key',
      {},
      { ...described, metrics: [], children: [name, foreignName] },
    ],
  ])('%s is refused', (_, wrongMessage, wrongAlarm) => {
    expect(() =>
      confirmAlarm({ ...message, ...wrongMessage }, wrongAlarm as DescribedAlarm | undefined, home),
    ).toThrow(/nothing was done, and on-call is notified/);
  });

  test('a key of another environment is refused by its name', () => {
    const staging = alarmName({ ...subject, address: { ...address, environment: 'staging' } });
    expect(() => confirmAlarm({ ...message, name: staging }, described, home)).toThrow(
      /is not named keyturn-prod-/,
    );
  });
});
