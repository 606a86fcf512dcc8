// Metric data queries, as alarms and GetMetricData have them: metrics and expressions that name one another by id.
import * as z from 'zod';
import { NotModelled } from '../../wire/aws-error';
import { asSeries, evaluateMath, type Result, type Series } from './metric-math';
import { type Expression, parseMetricMath } from './metric-math-parser';
import type { MetricStore } from './metric-store';

/** CloudFormation writes numbers as texts where a parameter was one. */
const count = z.coerce.number().int().positive();
export const dimensions = z
  .array(z.strictObject({ Name: z.string().min(1), Value: z.string().min(1) }))
  .max(30);
const amounts = [
  'Bytes',
  'Kilobytes',
  'Megabytes',
  'Gigabytes',
  'Terabytes',
  'Bits',
  'Kilobits',
  'Megabits',
  'Gigabits',
  'Terabits',
  'Count',
];
export const unit = z.enum([
  'Seconds',
  'Microseconds',
  'Milliseconds',
  'Percent',
  'None',
  ...amounts,
  ...amounts.map(amount => `${amount}/Second`),
]);
const metric = z.strictObject({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: dimensions.optional(),
});

export const metricDataQuery = z.strictObject({
  Id: z.string().regex(/^[a-z]\w*$/),
  Expression: z.string().optional(),
  MetricStat: z
    .strictObject({ Metric: metric, Period: count, Stat: z.string(), Unit: unit.optional() })
    .optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().optional(),
  Period: count.optional(),
  AccountId: z.string().optional(),
});

export type MetricDataQuery = z.output<typeof metricDataQuery>;

export function dimensionRecord(list: z.output<typeof dimensions> = []): Record<string, string> {
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
}

/** What an expression is, once read: ids are looked up, texts are parsed once. */
export interface ReadQueries {
  queries: readonly MetricDataQuery[];
  expressions: Record<string, Expression>;
}

export function readQueries(queries: readonly MetricDataQuery[]): ReadQueries {
  const expressions = queries.flatMap(({ Id, Expression: text }) =>
    text === undefined ? [] : [[Id, parseMetricMath(text)] as const],
  );
  return { queries, expressions: Object.fromEntries(expressions) };
}

export interface Span {
  /** The start of each period, oldest first. Milliseconds. */
  times: readonly number[];
  periodMs: number;
  inAlarm: boolean;
}

export function seriesOf(id: string, read: ReadQueries, store: MetricStore, span: Span): Series {
  return asSeries(resultOf(id, read, store, span, []), span);
}

function resultOf(id: string, read: ReadQueries, store: MetricStore, span: Span, asking: string[]): Result {
  const query = read.queries.find(({ Id }) => Id === id);
  if (!query || asking.includes(id))
    throw new NotModelled(`the metric math names ${id}, which is no metric, or asks for itself`);
  if (query.MetricStat) {
    const { Metric, Stat } = query.MetricStat;
    const name = {
      namespace: Metric.Namespace,
      name: Metric.MetricName,
      dimensions: dimensionRecord(Metric.Dimensions),
    };
    return store.readAll(name, Stat, span.times, span.periodMs);
  }
  const expression = read.expressions[id];
  if (!expression) throw new NotModelled(`the query ${id} has neither MetricStat nor Expression`);
  const needed = idsIn(expression, read);
  const values = needed.map(other => [other, resultOf(other, read, store, span, [...asking, id])] as const);
  return evaluateMath(expression, {
    ...span,
    values: Object.fromEntries(values),
    metricIds: read.queries.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id),
  });
}

/** Every id that has to be known first; METRICS() names all metrics. */
function idsIn(expression: Expression, read: ReadQueries): string[] {
  const known = (name: string) => read.queries.some(({ Id }) => Id === name);
  const visit = (part: Expression): string[] => {
    switch (part.kind) {
      case 'id':
        return known(part.name) ? [part.name] : [];
      case 'list':
        return part.items.flatMap(visit);
      case 'negative':
        return visit(part.of);
      case 'operation':
        return [...visit(part.left), ...visit(part.right)];
      case 'call':
        return part.name === 'METRICS'
          ? read.queries.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id)
          : part.args.flatMap(visit);
      default:
        return [];
    }
  };
  return [...new Set(visit(expression))];
}
