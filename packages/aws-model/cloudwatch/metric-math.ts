// Works out metric math over time series that share their instants. A missing point stays missing, unless FILL says otherwise.
import { NotModelled } from '../wire/aws-error';
import type { Expression, Operator } from './metric-math-parser';

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
    case 'id': {
      const value = scope.values[expression.name];
      if (value === undefined)
        throw new NotModelled(
          `the metric math names ${expression.name}, which is no metric of the alarm or query`,
        );
      return value;
    }
    case 'list':
      return expression.items.map(item => asSeries(evaluate(item), scope));
    case 'negative':
      return each([evaluate(expression.of)], ([value]) => -value!);
    case 'operation':
      return each([evaluate(expression.left), evaluate(expression.right)], ([left, right]) =>
        operate(expression.operator, left!, right!),
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

function call(name: string, args: Expression[], scope: MathScope): Result {
  const [first, second, third] = args;
  const evaluate = (part: Expression | undefined) => {
    if (!part) throw new NotModelled(`${name} has too few arguments`);
    return evaluateMath(part, scope);
  };
  const calendar = calendarParts[name];
  // Says something at every instant, whether the metric does or not.
  if (calendar) return scope.times.map(time => calendar(new Date(time)));
  const pointwise = pointwiseFunctions[name];
  if (pointwise) return each([evaluate(first)], ([value]) => pointwise(value!));
  const aggregate = aggregates[name];
  if (aggregate) return aggregated(name, aggregate, evaluate(first), scope);
  switch (name) {
    case 'IF':
      return choose(evaluate(first), evaluate(second), third && evaluate(third), scope);
    case 'FILL':
      return fill(evaluate(first), second!, scope);
    case 'METRICS':
      return scope.metricIds
        .filter(id => first?.kind !== 'text' || id.includes(first.value))
        .map(id => asSeries(scope.values[id]!, scope));
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
  if (isMany(input)) return input.map(series => fill(series, by, scope) as Series);
  const series = asSeries(input, scope);
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

function operate(operator: Operator, left: number, right: number): number | undefined {
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

/** Point by point; a point is missing where any of its operands is. Of several series, each by itself. */
function each(inputs: Result[], compute: (values: number[]) => number | undefined): Result {
  const many = inputs.find(isMany);
  if (many)
    return many.map(
      (_, n) =>
        each(
          inputs.map(input => (isMany(input) ? input[n]! : input)),
          compute,
        ) as Series,
    );
  const series = inputs.find(input => typeof input !== 'number') as Series | undefined;
  if (!series) return compute(inputs as number[]) ?? Number.NaN;
  return series.map((_, place) => {
    const values = (inputs as (number | Series)[]).map(input =>
      typeof input === 'number' ? input : input[place],
    );
    return values.includes(undefined) ? undefined : compute(values as number[]);
  });
}

function isMany(result: Result): result is Series[] {
  return Array.isArray(result) && Array.isArray(result[0]);
}
