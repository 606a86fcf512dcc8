// Works out metric math over time series that share their instants. A missing point stays missing, unless FILL says otherwise.
import { NotModelled } from '../../wire/aws-error';
import type { Expression, MathOperator } from './metric-math-parser';

/** One value for each instant; `undefined` is a missing point. */
export type Series = readonly (number | undefined)[];
export type Result = number | Series | Series[];

export interface MathScope {
  /** The start of each period, oldest first. Milliseconds. */
  times: readonly number[];
  periodMs: number;
  /** By id: metrics, and the results of other expressions. */
  values: Record<string, Result>;
  /** Ids of the metrics, for METRICS(). */
  metricIds: readonly string[];
  /** In alarms, SUM and the like take several series, not one: the range of an evaluation varies. */
  inAlarm: boolean;
}

export function evaluateMath(expression: Expression, scope: MathScope): Result {
  const evaluate = (part: Expression) => evaluateMath(part, scope);
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'text':
      throw new NotModelled(`a text stands where metric math needs a value: "${expression.value}"`);
    case 'id':
      return namedResult(expression.name, scope);
    case 'list':
      return expression.items.map(item => asSeries(evaluate(item), scope));
    case 'negative':
      return each(evaluate(expression.of), value => -value);
    case 'operation':
      return pairwise(evaluate(expression.left), evaluate(expression.right), (left, right) =>
        operate(expression.operator, left, right),
      );
    case 'call':
      return call(expression.name, expression.args, scope);
  }
}

export function asSeries(result: Result, { times }: Pick<MathScope, 'times'>): Series {
  if (typeof result === 'number') return times.map(() => result);
  if (isMany(result))
    throw new NotModelled(
      'several series stand where metric math needs one; put SUM, AVG, MIN or MAX around them',
    );
  return result;
}

function namedResult(id: string, { values }: MathScope): Result {
  const value = values[id];
  if (value === undefined)
    throw new NotModelled(`the metric math names ${id}, which is no metric of the alarm or query`);
  return value;
}

function call(name: string, args: Expression[], scope: MathScope): Result {
  const [first, second, third] = args;
  const given = (part: Expression | undefined) => {
    if (!part) throw new NotModelled(`${name} has too few arguments`);
    return part;
  };
  const evaluate = (part: Expression | undefined) => evaluateMath(given(part), scope);
  const calendar = calendarParts[name];
  // Says something at every instant, whether the metric does or not.
  if (calendar) return scope.times.map(time => calendar(new Date(time)));
  const pointwise = pointwiseFunctions[name];
  if (pointwise) return each(evaluate(first), pointwise);
  const aggregate = aggregates[name];
  if (aggregate) return aggregated(name, aggregate, evaluate(first), scope);
  switch (name) {
    case 'IF':
      return choose(evaluate(first), evaluate(second), third && evaluate(third), scope);
    case 'FILL':
      return fill(evaluate(first), given(second), scope);
    case 'METRICS':
      return scope.metricIds
        .filter(id => first?.kind !== 'text' || id.includes(first.value))
        .map(id => asSeries(namedResult(id, scope), scope));
    case 'PERIOD':
      return scope.periodMs / 1000;
    case 'TIME_SERIES':
      return asSeries(evaluate(first), scope);
    case 'DIFF':
      return difference(asSeries(evaluate(first), scope), 1);
    case 'RATE':
      return difference(asSeries(evaluate(first), scope), scope.periodMs / 1000);
    default:
      throw new NotModelled(`the metric math function ${name} is not modelled; add it to metric-math.ts`);
  }
}

const calendarParts: Record<string, (instant: Date) => number> = {
  MINUTE: instant => instant.getUTCMinutes(),
  HOUR: instant => instant.getUTCHours(),
  /** Monday is 1, Sunday 7. */
  DAY: instant => instant.getUTCDay() || 7,
  DATE: instant => instant.getUTCDate(),
  MONTH: instant => instant.getUTCMonth() + 1,
  YEAR: instant => instant.getUTCFullYear(),
  EPOCH: instant => instant.getTime() / 1000,
};

const pointwiseFunctions: Record<string, (value: number) => number> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

const aggregates: Record<string, (values: number[]) => number> = {
  SUM: values => values.reduce((sum, value) => sum + value, 0),
  AVG: values => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: values => Math.min(...values),
  MAX: values => Math.max(...values),
};

/** Of several series, instant by instant over those that have a value; of one, a single number. */
function aggregated(
  name: string,
  aggregate: (values: number[]) => number,
  input: Result,
  { times, inAlarm }: MathScope,
): Result {
  const present = (values: Series) => values.filter(value => value !== undefined);
  if (typeof input === 'number') return input;
  if (isMany(input)) {
    return times.map((_, place) => {
      const values = present(input.map(series => series[place]));
      return values.length ? aggregate(values) : undefined;
    });
  }
  if (inAlarm)
    throw new NotModelled(
      `${name} over a single series is refused in alarms by CloudWatch, since the evaluated range varies`,
    );
  return aggregate(present(input));
}

function choose(condition: Result, then: Result, otherwise: Result | undefined, scope: MathScope): Series {
  const conditions = asSeries(condition, scope);
  const yes = asSeries(then, scope);
  const no = otherwise === undefined ? [] : asSeries(otherwise, scope);
  return conditions.map((holds, place) => {
    if (holds === undefined) return undefined;
    return holds ? yes[place] : no[place];
  });
}

function fill(input: Result, by: Expression, scope: MathScope): Result {
  if (isMany(input)) return input.map(series => fillSeries(series, by, scope));
  return fillSeries(asSeries(input, scope), by, scope);
}

function fillSeries(series: Series, by: Expression, scope: MathScope): Series {
  if (by.kind !== 'id' || by.name !== 'REPEAT') {
    if (by.kind === 'id' && by.name === 'LINEAR')
      throw new NotModelled('FILL(..., LINEAR) is not modelled; use REPEAT or a number');
    const filler = asSeries(evaluateMath(by, scope), scope);
    return series.map((value, place) => value ?? filler[place]);
  }
  let last: number | undefined;
  return series.map(value => {
    last = value ?? last;
    return last;
  });
}

function difference(series: Series, divisor: number): Series {
  return series.map((value, place) => {
    const before = series[place - 1];
    return value === undefined || before === undefined ? undefined : (value - before) / divisor;
  });
}

function operate(operator: MathOperator, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      // No point, rather than an infinite one.
      return right === 0 ? undefined : left / right;
    case '^':
      return left ** right;
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case 'AND':
      return Number(left !== 0 && right !== 0);
    case 'OR':
      return Number(left !== 0 || right !== 0);
  }
}

/** Point by point; a missing point stays missing. Of several series, each by itself. */
function each(input: Result, compute: (value: number) => number | undefined): Result {
  const ofSeries = (series: Series) =>
    series.map(value => (value === undefined ? undefined : compute(value)));
  if (typeof input === 'number') return compute(input) ?? Number.NaN;
  return isMany(input) ? input.map(ofSeries) : ofSeries(input);
}

/** Point by point; a point is missing where one of both is. Of two lists of series, those at the same place go together. */
function pairwise(
  left: Result,
  right: Result,
  compute: (left: number, right: number) => number | undefined,
): Result {
  if (typeof left === 'number') return each(right, value => compute(left, value));
  if (typeof right === 'number') return each(left, value => compute(value, right));
  const ofSeries = (one: Series, other: Series) =>
    one.map((value, place) => {
      const beside = other[place];
      return value === undefined || beside === undefined ? undefined : compute(value, beside);
    });
  if (!isMany(left))
    return isMany(right) ? right.map(series => ofSeries(left, series)) : ofSeries(left, right);
  if (!isMany(right)) return left.map(series => ofSeries(series, right));
  const pairs = left.flatMap((series, place) => {
    const beside = right[place];
    return beside ? [ofSeries(series, beside)] : [];
  });
  if (pairs.length < Math.max(left.length, right.length))
    throw new NotModelled('metric math joins two lists of series that are not equally long');
  return pairs;
}

function isMany(result: Result): result is Series[] {
  return Array.isArray(result) && Array.isArray(result[0]);
}
