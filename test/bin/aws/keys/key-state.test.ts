import type { DeployedKey } from '../../../../bin/aws/keys/deployed-keys';
import { keyState, needsDates } from '../../../../bin/aws/keys/key-state';

const made = new Date('2026-09-01T10:00:00Z');
const at = (text: string) => new Date(`2026-${text}Z`);
const now = at('11-23T08:00:00');

/** Version id -> labels and date; `x0` is the placeholder of the template. */
function keyWith(
  versions: Record<string, [labels: string, createdAt: Date]>,
  more: Partial<DeployedKey> = {},
): DeployedKey {
  return {
    arn: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn/prod/sendgrid/support-bot/main-AbCdEf',
    name: 'keyturn/prod/sendgrid/support-bot/main',
    address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' },
    spec: {
      team: 'support',
      tier: 'normal',
      scopes: [],
      settings: { region: 'global' },
      overlapHours: 24,
      maxGapDays: 31,
    },
    createdAt: made,
    isOwn: true,
    rotates: true,
    nextRotationBy: at('12-01T10:00:00'),
    versions: Object.entries(versions).map(([id, [labels, createdAt]]) => ({
      id,
      labels: labels.split(' '),
      createdAt,
    })),
    ...more,
  };
}

const rotatedAt = at('11-01T09:00:00');
const current: [string, Date] = ['AWSCURRENT', at('11-01T08:59:00')];

describe('the state of a key is', () => {
  it.each<[string, DeployedKey, object]>([
    ['unissued, as the template left it', keyWith({ x0: ['AWSCURRENT', made] }), { state: 'unissued' }],
    [
      'unissued, whatever its schedule says: a rotation alone would not tell why',
      keyWith({ x0: ['AWSCURRENT', made] }, { nextRotationBy: at('11-22T10:00:00') }),
      { state: 'unissued', fix: expect.stringContaining('`npx keyturn issue prod/sendgrid/support-bot`') },
    ],
    [
      'rotating for the first time',
      keyWith({ x0: ['AWSCURRENT', made], x1: ['AWSPENDING', at('11-23T07:58:00')] }),
      { state: 'rotating', note: 'for 2 min', pendingVersion: 'x1', issuedAt: undefined },
    ],
    [
      'current after its first rotation: the placeholder is no key that overlaps',
      keyWith({ x0: ['AWSPREVIOUS', made], x1: current }, { rotatedAt }),
      { state: 'current', issuedAt: current[1], previousUntil: undefined },
    ],
    ['current, and quiet', keyWith({ x1: current }, { rotatedAt }), { state: 'current' }],
    [
      'current, with AWSPENDING left over beside AWSCURRENT',
      keyWith({ x1: ['AWSCURRENT AWSPENDING', current[1]] }, { rotatedAt }),
      { state: 'current', pendingVersion: undefined },
    ],
    [
      'current although AWS never rotated it: it was adopted',
      keyWith({ x1: ['AWSCURRENT', at('11-20T08:00:00')] }),
      { state: 'current', issuedAt: at('11-20T08:00:00') },
    ],
    [
      'in its overlap',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-22T20:00:00')] },
        { rotatedAt: at('11-22T20:01:00') },
      ),
      {
        state: 'overlap',
        note: 'previous key is valid until 2026-11-23 20:01',
        previousUntil: at('11-23T20:01:00'),
      },
    ],
    [
      'in its overlap since somebody replaced it by hand, after the last rotation',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-23T07:00:00')] },
        { rotatedAt },
      ),
      {
        state: 'overlap',
        note: 'previous key is valid until 2026-11-24 07:00',
        issuedAt: at('11-23T07:00:00'),
      },
    ],
    [
      'in the second overlap of a key that is still used',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-21T20:00:00')] },
        { rotatedAt: at('11-21T20:00:00') },
      ),
      { state: 'overlap', note: 'previous key is valid while it is used, at most until 2026-11-23 20:00' },
    ],
    [
      'not ended: the key before outlives both overlaps',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-20T20:00:00')] },
        { rotatedAt: at('11-20T20:00:00') },
      ),
      {
        state: 'not-ended',
        note: 'previous key should have been revoked by 2026-11-22 20:00',
        fix: 'find the reason with `aws logs tail /aws/lambda/keyturn-prod-retire --since 2h --region eu-west-1`; Keyturn tries again every hour',
      },
    ],
    [
      'in the hours that the hourly run may take, after both overlaps',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-21T06:00:00')] },
        { rotatedAt: at('11-21T06:00:00') },
      ),
      { state: 'overlap' },
    ],
    [
      'not ended: a moment past these hours',
      keyWith(
        { x1: ['AWSPREVIOUS', at('10-01T08:00:00')], x2: ['AWSCURRENT', at('11-21T05:59:59')] },
        { rotatedAt: at('11-21T05:59:59') },
      ),
      { state: 'not-ended' },
    ],
    [
      'stuck',
      keyWith({ x1: current, x2: ['AWSPENDING', at('11-23T07:29:00')] }, { rotatedAt }),
      {
        state: 'stuck',
        note: 'rotation started 2026-11-23 07:29',
        fix: 'find the reason with `aws logs tail /aws/lambda/keyturn-prod-rotate-sendgrid --since 2h --region eu-west-1`, then `npx keyturn rotate prod/sendgrid/support-bot --unstick`',
      },
    ],
    [
      'overdue',
      keyWith({ x1: current }, { rotatedAt, nextRotationBy: at('11-22T10:00:00') }),
      {
        state: 'overdue',
        note: 'since 2026-11-22 10:00',
        fix: '`npx keyturn rotate prod/sendgrid/support-bot`',
      },
    ],
    [
      'overdue by its age, where AWS has given a rotation up and set a new date',
      keyWith({ x1: current }, { rotatedAt: at('10-23T01:00:00'), nextRotationBy: at('12-01T10:00:00') }),
      { state: 'overdue', note: 'its last rotations were abandoned' },
    ],
    [
      'not overdue on the last day that its interval allows',
      keyWith({ x1: current }, { rotatedAt: at('10-23T09:00:00'), nextRotationBy: at('12-01T10:00:00') }),
      { state: 'current' },
    ],
    [
      'not overdue while the rotation that is due goes on',
      keyWith(
        { x1: current, x2: ['AWSPENDING', at('11-23T07:59:00')] },
        { rotatedAt, nextRotationBy: at('11-23T07:00:00') },
      ),
      { state: 'rotating' },
    ],
    [
      'unissued, and made by a person only, so that nothing schedules it',
      keyWith(
        { x0: ['AWSCURRENT', made] },
        {
          address: { environment: 'prod', provider: 'github-app', server: 'bot', purpose: 'main' },
          rotates: false,
        },
      ),
      {
        state: 'unissued',
        fix: "only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then `npx keyturn adopt prod/github-app/bot`",
      },
    ],
    [
      'unscheduled',
      keyWith({ x1: current }, { rotatedAt, rotates: false, nextRotationBy: undefined }),
      { state: 'unscheduled', fix: '`npx cdk deploy keyturn-prod-support-bot` sets its schedule' },
    ],
  ])('%s', (_, key, expected) => {
    expect(keyState(key, now)).toMatchObject(expected);
  });

  it('needs no fix where nothing is wrong', () => {
    expect(keyState(keyWith({ x1: current }, { rotatedAt }), now).fix).toBeUndefined();
  });
});

it('a rotation of unknown age is no stuck one: AWS may not date a version that is still empty', () => {
  const key = keyWith({ x1: current }, { rotatedAt });
  const pending = { id: 'x2', labels: ['AWSPENDING'] };
  expect(keyState({ ...key, versions: [...key.versions, pending] }, now)).toMatchObject({
    state: 'rotating',
  });
});

describe('a listing alone', () => {
  const bare = (key: DeployedKey) => ({
    ...key,
    versions: key.versions.map(({ id, labels }) => ({ id, labels })),
  });

  it('is enough for a quiet key', () => {
    const key = bare(keyWith({ x1: current }, { rotatedAt }));
    expect(needsDates(key, now)).toBe(false);
    expect(keyState(key, now)).toMatchObject({ state: 'current', issuedAt: rotatedAt });
  });

  it.each<[string, DeployedKey]>([
    ['never rotated', keyWith({ x0: ['AWSCURRENT', made] })],
    ['rotating', keyWith({ x1: current, x2: ['AWSPENDING', now] }, { rotatedAt })],
    ['with a key before', keyWith({ x1: ['AWSPREVIOUS', made], x2: current }, { rotatedAt })],
    ['made by a containment', keyWith({ 'contain-0a1b': current }, { rotatedAt })],
    ['adopted', keyWith({ '0ad07ed0-0a1b': current }, { rotatedAt })],
    ['overdue', keyWith({ x1: current }, { rotatedAt, nextRotationBy: made })],
  ])('is not enough for one that is %s', (_, key) => {
    expect(needsDates(bare(key), now)).toBe(true);
  });
});
