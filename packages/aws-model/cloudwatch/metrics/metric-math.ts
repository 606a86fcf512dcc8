// Works out metric math over time series that share their instants. A missing point stays missing, unless FILL says otherwise.
import { NotModelled } from '../../wire/aws-error';
import type { Expression, Operator } from './metric-math-parser';

/** One value for each instant; `undefined` is a missing point. */
export type Series = readonly (number | undefined)[];
export type MathResult = number | Series;

export interface MathScope {
  /** The start of each period, oldest first. Milliseconds. */
  times: readonly number[];
  /** By id: metrics, and the results of other expressions. */
  values: Record<string, MathResult>;
}

export function evaluateMath(expression: Expression, scope: MathScope): MathResult {
  const evaluate = (part: Expression) => evaluateMath(part, scope);
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'id':
      return namedResult(expression.name, scope);
    case 'negative':
      return eachPoint(evaluate(expression.of), value => -value);
    case 'operation':
      return eachPair(evaluate(expression.left), evaluate(expression.right), (left, right) =>
        operate(expression.operator, left, right),
      );
    case 'call':
      return call(expression.name, expression.args.map(evaluate), scope);
  }
}

export function asSeries(result: MathResult, { times }: Pick<MathScope, 'times'>): Series {
  return typeof result === 'number' ? times.map(() => result) : result;
}

function namedResult(id: string, { values }: MathScope): MathResult {
  const value = values[id];
  if (value === undefined)
    throw new NotModelled(`the metric math names ${id}, which is no metric of the alarm or query`);
  return value;
}

function call(name: string, args: readonly MathResult[], scope: MathScope): MathResult {
  const given = (place: number): MathResult => {
    const argument = args[place];
    if (argument === undefined) throw new NotModelled(`${name} has too few arguments`);
    return argument;
  };
  const series = (place: number) => asSeries(given(place), scope);
  switch (name) {
    case 'IF':
      return choose(series(0), series(1), series(2));
    case 'FILL':
      return fill(series(0), series(1));
    case 'FLOOR':
      return eachPoint(given(0), Math.floor);
    case 'EPOCH':
      // Says something at every instant, whether the metric does or not.
      return scope.times.map(time => time / 1000);
    default:
      throw new NotModelled(`the metric math function ${name} is not modelled; add it to metric-math.ts`);
  }
}

function choose(conditions: Series, then: Series, otherwise: Series): Series {
  return conditions.map((holds, place) => {
    if (holds === undefined) return undefined;
    return holds ? then[place] : otherwise[place];
  });
}

function fill(series: Series, filler: Series): Series {
  return series.map((value, place) => value ?? filler[place]);
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

/** A missing point stays missing. */
function eachPoint(input: MathResult, compute: (value: number) => number | undefined): MathResult {
  if (typeof input === 'number') return compute(input) ?? Number.NaN;
  return input.map(value => (value === undefined ? undefined : compute(value)));
}

/** A point is missing where one of both is. */
function eachPair(
  left: MathResult,
  right: MathResult,
  compute: (left: number, right: number) => number | undefined,
): MathResult {
  if (typeof left === 'number') return eachPoint(right, value => compute(left, value));
  if (typeof right === 'number') return eachPoint(left, value => compute(value, right));
  return left.map((value, place) => {
    const beside = right[place];
    return value === undefined || beside === undefined ? undefined : compute(value, beside);
  });
}
