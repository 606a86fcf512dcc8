// Sends recorded calls to a fresh model over its wire protocols, and compares the answers.
import { VirtualClock } from '../clock/clock';
import { seededRandom } from '../clock/random';
import { createAwsModel } from '../model';
import type { ReplayedBehaviour, ReplayedCall, Wait } from './recorded';
import { send, type WireAnswer } from './wire-client';

export type ReplayOutcome = 'held' | 'not modelled' | { differs: string };

const account = '111111111111';
const region = 'eu-west-1';
const start = new Date('2026-01-05T00:00:00Z');

export async function replay(behaviour: ReplayedBehaviour): Promise<ReplayOutcome> {
  const stage = await openModel();
  try {
    const named = new Map<string, unknown>();
    for (const step of behaviour.given ?? []) {
      if ('waitSeconds' in step) await stage.pass(step);
      else {
        const answer = await send(stage.endpoint, region, callOf(behaviour, step, named));
        const problem = outcomeOf(answer, { answer: {} });
        if (problem !== 'held') return problem;
        if (step.as) named.set(step.as, answer.body);
        await stage.pass({ waitSeconds: 0 });
      }
    }
    const answer = await send(stage.endpoint, region, callOf(behaviour, behaviour, named));
    return outcomeOf(answer, fill({ answer: behaviour.answer, error: behaviour.error }, named));
  } finally {
    await stage.close();
  }
}

function callOf(
  behaviour: ReplayedBehaviour,
  { service, call, input }: ReplayedCall,
  named: Map<string, unknown>,
) {
  return { service: service ?? behaviour.service, operation: call, input: fill(input, named) };
}

function outcomeOf(answer: WireAnswer, expected: Pick<ReplayedBehaviour, 'answer' | 'error'>): ReplayOutcome {
  if (answer.error?.code === 'NotModelled') return 'not modelled';
  const said = answer.error ? `${answer.error.code}: ${answer.error.message}` : 'an answer';
  if (!expected.error) {
    if (answer.error) return { differs: `answers ${said}` };
    const difference = differenceOf(expected.answer ?? {}, answer.body, '');
    return difference ? { differs: difference } : 'held';
  }
  const { code, message } = expected.error;
  const isSame =
    answer.error?.code === code && (message === undefined || fits(message, answer.error.message));
  return isSame ? 'held' : { differs: `answers ${said} where ${code}: ${message ?? ''} was recorded` };
}

/** A list is compared whole, an object by the members that were recorded. */
function differenceOf(expected: unknown, actual: unknown, path: string): string | undefined {
  if (expected === null) return actual === undefined ? undefined : `${path} should be absent`;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return `${path} has ${JSON.stringify(actual)} where ${JSON.stringify(expected)} was recorded`;
    return expected.map((one, n) => differenceOf(one, actual[n], `${path}[${n}]`)).find(Boolean);
  }
  if (typeof expected === 'object') {
    return Object.entries(expected)
      .map(([name, one]) =>
        differenceOf(one, (actual as Record<string, unknown> | undefined)?.[name], `${path}.${name}`),
      )
      .find(Boolean);
  }
  const isSame = typeof expected === 'string' ? fits(expected, actual) : expected === actual;
  return isSame
    ? undefined
    : `${path} is ${JSON.stringify(actual)} where ${JSON.stringify(expected)} was recorded`;
}

function fits(expected: string, actual: unknown): boolean {
  return expected.startsWith('~')
    ? new RegExp(expected.slice(1), 's').test(String(actual))
    : expected === actual;
}

/** Puts what earlier calls answered in the place of `{name.Member}`, and `{a*1000}` out at length. */
function fill<Value>(value: Value, named: ReadonlyMap<string, unknown>): Value {
  if (typeof value === 'string') {
    const text = value
      .replace(/\{(\w+)((?:\.\w+)+)\}/g, (whole, name: string, path: string) => {
        if (!named.has(name)) return whole;
        const steps = path.slice(1).split('.');
        return String(
          steps.reduce<unknown>((place, step) => (place as Record<string, unknown>)[step], named.get(name)),
        );
      })
      .replace(/\{(\w)\*(\d+)\}/g, (_, letter: string, count: string) => letter.repeat(Number(count)));
    return text as Value;
  }
  if (Array.isArray(value)) return value.map(one => fill(one, named)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [fill(name, named), fill(one, named)]),
  ) as Value;
}

/** What the recorded calls find: one resource of each kind. */
async function openModel() {
  const clock = new VirtualClock(start, 0);
  const model = createAwsModel({
    virtual: clock,
    random: seededRandom(1),
    account,
    region,
    identify: id => ({
      arn: `arn:aws:sts::${account}:assumed-role/${id}/session`,
      kind: 'role',
      sessionName: 'session',
    }),
    authorize: () => ({ allowed: true }),
    invokeLambda: async () => ({ ok: true }),
    knobs: { metricDelaysMs: { logs: 0, putMetricData: 0, services: 0 } },
  });
  model.queues.add({ name: 'queue' });
  model.topics.addTopic({ name: 'topic' });
  model.dynamoDb.addTable({ name: 'table', partitionKey: 'pk', sortKey: 'sk' });
  for (const AlarmName of ['one', 'two']) {
    model.cloudWatch.addMetricAlarm({
      AlarmName,
      Namespace: 'app',
      MetricName: AlarmName,
      Period: 60,
      Statistic: 'Sum',
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
    });
  }
  model.cloudWatch.addCompositeAlarm({ AlarmName: 'either', AlarmRule: 'ALARM(one) OR ALARM(two)' });
  const { endpoint, close } = await model.listen();
  return {
    endpoint,
    pass: ({ waitSeconds }: Wait) => clock.runUntil(new Date(clock.now().getTime() + waitSeconds * 1000)),
    async close() {
      clock.close();
      await close();
    },
  };
}
