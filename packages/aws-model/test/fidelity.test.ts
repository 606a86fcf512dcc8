import { type Recorded, type ReplayedBehaviour, readRecorded } from '../fidelity/recorded';
import { replay } from '../fidelity/replay';
import {
  countByService,
  percentHeld,
  percentOfAll,
  type ReplayResult,
  replayAll,
  total,
} from '../fidelity/report';

let results: ReplayResult[];
beforeAll(async () => {
  results = await replayAll();
});

test('what is modelled answers as AWS was recorded to', () => {
  const differing = results.filter(({ outcome }) => typeof outcome === 'object');
  expect(differing.map(({ recorded, outcome }) => [recorded.service, recorded.fact, outcome])).toEqual([]);
});

test('every service has recorded behaviours, and at least 97% of those that are modelled hold', () => {
  const counts = countByService(results);
  expect(counts.map(({ service }) => service)).toEqual([
    'bedrock-agentcore',
    'cloudformation',
    'cloudtrail',
    'dynamodb',
    'ecs',
    'events',
    'lambda',
    'monitoring',
    'secretsmanager',
    'sns',
    'sqs',
    'ssm',
    'sts',
  ]);
  for (const count of counts) expect(percentHeld(count)).toBeGreaterThanOrEqual(97);
});

test('at least 97% of all recorded answers hold, with what is not modelled among them', () => {
  expect(percentOfAll(total(countByService(results)))).toBeGreaterThanOrEqual(97);
});

test.each([
  [{ held: 97, differing: 2, notModelled: 1, assumed: 50 }, 97],
  [{ held: 969, differing: 0, notModelled: 31, assumed: 0 }, 96],
])('%j is %d per cent', (count, percent) => expect(percentOfAll(count)).toBe(percent));

test('no behaviour stands there twice', () => {
  const facts = readRecorded().map(({ service, fact, source }) => `${service}: ${fact} (${source})`);
  expect(facts.filter((fact, n) => facts.indexOf(fact) !== n)).toEqual([]);
});

describe('the opposite of a recorded answer is found out', () => {
  const isReplayed = (recorded: Recorded): recorded is ReplayedBehaviour => 'call' in recorded;
  const held = readRecorded().filter(isReplayed);
  // Every fortieth: of all services, errors and answers.
  const some = held.filter((_, n) => n % 40 === 7);

  function opposite(behaviour: ReplayedBehaviour): ReplayedBehaviour {
    const { error, answer, ...rest } = behaviour;
    return error ? { ...rest, answer: {} } : { ...rest, error: { code: 'ValidationException' } };
  }

  test('in at least ten of them', () => expect(some.length).toBeGreaterThanOrEqual(10));

  test.each(some.map(one => [one.fact, one] as const))('%s', async (_fact, behaviour) => {
    const outcome = await replay(opposite(behaviour));
    expect(outcome === 'not modelled' || typeof outcome === 'object').toBe(true);
  });

  test.each<[string, Partial<ReplayedBehaviour>]>([
    ['another verdict', { answer: { Result: false } }],
    ['a member that should be absent', { answer: { Result: null } }],
    ['a member that is missing', { answer: { Result: true, Reason: 'x' } }],
    ['a list of another length', { answer: { Result: [true] } }],
    ['another error', { answer: undefined, error: { code: 'Other' } }],
  ])('%s', async (_what, change) => {
    const matching = held.find(({ answer }) => (answer as { Result?: boolean } | undefined)?.Result === true);
    if (!matching) throw new Error('no pattern matches');
    expect(await replay(matching)).toBe('held');
    expect(typeof (await replay({ ...matching, ...change }))).toBe('object');
  });

  test('another text of an error', async () => {
    const refused = held.find(({ error }) => error?.message && !error.message.startsWith('~'));
    if (!refused?.error) throw new Error('nothing is refused');
    expect(await replay(refused)).toBe('held');
    const other = { ...refused, error: { ...refused.error, message: 'another text' } };
    expect(typeof (await replay(other))).toBe('object');
  });
});
