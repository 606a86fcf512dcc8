// Reads metric math: numbers, ids of metrics, functions, lists, arithmetic, comparisons, AND and OR.
import { NotModelled } from '../../wire/aws-error';

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'id'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'negative'; of: Expression }
  | { kind: 'operation'; operator: MathOperator; left: Expression; right: Expression }
  | { kind: 'call'; name: string; args: Expression[] };

export type MathOperator = (typeof levels)[number][number];

/** From the loosest binding to the tightest. */
const levels = [['OR'], ['AND'], ['==', '!=', '<=', '>=', '<', '>'], ['+', '-'], ['*', '/'], ['^']] as const;

const aliases: Record<string, string> = { '||': 'OR', '&&': 'AND' };

export function parseMetricMath(text: string): Expression {
  const tokens =
    text.match(/"[^"]*"|'[^']*'|\d+(?:\.\d+)?|[A-Za-z_]\w*|\|\||&&|[=!<>]=|[-+*/^<>()[\],]|\S/g) ?? [];
  let place = 0;

  const peek = () => aliases[tokens[place] ?? ''] ?? tokens[place];

  function take(expected?: string): string {
    const token = tokens[place++];
    if (token === undefined || (expected && token !== expected)) {
      throw new NotModelled(
        `the metric math "${text}" cannot be read at "${token ?? 'its end'}"; see metric-math-parser.ts`,
      );
    }
    return token;
  }

  function level(depth: number): Expression {
    const operators: readonly string[] | undefined = levels[depth];
    if (!operators) return single();
    let left = level(depth + 1);
    for (let next = peek(); next && operators.includes(next); next = peek()) {
      place++;
      left = { kind: 'operation', operator: next as MathOperator, left, right: level(depth + 1) };
    }
    return left;
  }

  function list(end: string): Expression[] {
    const items: Expression[] = [];
    while (peek() !== end) {
      items.push(level(0));
      if (peek() !== end) take(',');
    }
    take(end);
    return items;
  }

  function single(): Expression {
    const token = take();
    if (token === '-') return { kind: 'negative', of: single() };
    if (token === '(') {
      const inner = level(0);
      take(')');
      return inner;
    }
    if (token === '[') return { kind: 'list', items: list(']') };
    if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^[A-Za-z_]/.test(token))
      throw new NotModelled(
        `the metric math "${text}" cannot be read at "${token}"; see metric-math-parser.ts`,
      );
    if (peek() !== '(') return { kind: 'id', name: token };
    take('(');
    return { kind: 'call', name: token.toUpperCase(), args: list(')') };
  }

  const expression = level(0);
  if (place < tokens.length) take(')');
  return expression;
}
