// Reads DynamoDB's condition and update expressions; names and values stay placeholders until they are worked out.
import { AwsError } from '../wire/aws-error';
import { isReserved } from './reserved-words';

/** `a.#b[0]` */
export type Path = (string | number)[];

export type Operand =
  | { kind: 'path'; path: Path }
  | { kind: 'value'; name: string }
  | { kind: 'call'; name: string; args: Operand[] };

export type ConditionExpression =
  | { kind: 'comparison'; operator: '=' | '<>' | '<' | '<=' | '>' | '>='; left: Operand; right: Operand }
  | { kind: 'between'; of: Operand; low: Operand; high: Operand }
  | { kind: 'in'; of: Operand; list: Operand[] }
  | { kind: 'test'; name: string; args: Operand[] }
  | { kind: 'not'; of: ConditionExpression }
  | { kind: 'and' | 'or'; left: ConditionExpression; right: ConditionExpression };

/** A sum or difference of operands, or one operand. */
export type Amount = Operand | { kind: 'sum' | 'difference'; left: Operand; right: Operand };

export type UpdateAction =
  | { kind: 'SET'; path: Path; to: Amount }
  | { kind: 'REMOVE'; path: Path }
  | { kind: 'ADD' | 'DELETE'; path: Path; value: Operand };

const tests = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'];
const comparators = ['=', '<>', '<', '<=', '>', '>='];
const clauses = ['SET', 'REMOVE', 'ADD', 'DELETE'];

class Reader {
  private readonly tokens: string[];
  private place = 0;

  constructor(
    private readonly text: string,
    private readonly parameter: string,
  ) {
    this.tokens = text.match(/[:#]?[A-Za-z_][\w-]*|\d+|<>|<=|>=|[=<>()[\],.+-]|\S/g) ?? [];
  }

  isAtEnd(): boolean {
    return this.place >= this.tokens.length;
  }

  isNext(word: string): boolean {
    return this.tokens[this.place]?.toUpperCase() === word.toUpperCase();
  }

  accept(word: string): boolean {
    const accepted = this.isNext(word);
    if (accepted) this.place++;
    return accepted;
  }

  take(word?: string): string {
    const token = this.tokens[this.place++];
    if (token === undefined || (word && token.toUpperCase() !== word.toUpperCase())) {
      const near = token ?? '<end>';
      throw new AwsError(
        'ValidationException',
        `Invalid ${this.parameter}: Syntax error; token: "${near}", near: "${this.text}"`,
      );
    }
    return token;
  }

  either(): ConditionExpression {
    let left = this.both();
    while (this.accept('OR')) left = { kind: 'or', left, right: this.both() };
    return left;
  }

  private both(): ConditionExpression {
    let left = this.negated();
    while (this.accept('AND')) left = { kind: 'and', left, right: this.negated() };
    return left;
  }

  private negated(): ConditionExpression {
    if (this.accept('NOT')) return { kind: 'not', of: this.negated() };
    if (this.accept('(')) {
      const inner = this.either();
      this.take(')');
      return inner;
    }
    const operand = this.operand();
    if (operand.kind === 'call' && tests.includes(operand.name))
      return { kind: 'test', name: operand.name, args: operand.args };
    if (this.accept('BETWEEN')) {
      const low = this.operand();
      this.take('AND');
      return { kind: 'between', of: operand, low, high: this.operand() };
    }
    if (this.accept('IN')) {
      this.take('(');
      return { kind: 'in', of: operand, list: this.arguments() };
    }
    const operator = this.take();
    if (!comparators.includes(operator)) this.fail();
    return { kind: 'comparison', operator: operator as '=', left: operand, right: this.operand() };
  }

  operand(): Operand {
    const token = this.take();
    if (token.startsWith(':')) return { kind: 'value', name: token };
    if (!/^[#A-Za-z_]/.test(token)) this.fail();
    if (this.accept('(')) return { kind: 'call', name: token, args: this.arguments() };
    this.place--;
    return { kind: 'path', path: this.path() };
  }

  path(): Path {
    const path: Path = [this.name()];
    for (;;) {
      if (this.accept('.')) path.push(this.name());
      else if (this.accept('[')) {
        path.push(Number(this.take()));
        this.take(']');
      } else return path;
    }
  }

  private name(): string {
    const name = this.take();
    if (!isReserved(name)) return name;
    throw new AwsError(
      'ValidationException',
      `Invalid ${this.parameter}: Attribute name is a reserved keyword; reserved keyword: ${name}`,
    );
  }

  private arguments(): Operand[] {
    const list = [this.operand()];
    while (this.accept(',')) list.push(this.operand());
    this.take(')');
    return list;
  }

  amount(): Amount {
    const left = this.operand();
    if (this.accept('+')) return { kind: 'sum', left, right: this.operand() };
    if (this.accept('-')) return { kind: 'difference', left, right: this.operand() };
    return left;
  }

  change(clause: string): UpdateAction {
    const path = this.path();
    if (clause === 'REMOVE') return { kind: clause, path };
    if (clause !== 'SET') return { kind: clause as 'ADD', path, value: this.operand() };
    this.take('=');
    return { kind: clause, path, to: this.amount() };
  }

  fail(): never {
    this.place--;
    return this.take('a valid expression') as never;
  }
}

export function parseCondition(text: string, parameter = 'ConditionExpression'): ConditionExpression {
  const reader = new Reader(text, parameter);
  const condition = reader.either();
  if (!reader.isAtEnd()) reader.take('AND');
  return condition;
}

export function parseUpdate(text: string): UpdateAction[] {
  const reader = new Reader(text, 'UpdateExpression');
  const changes: UpdateAction[] = [];
  while (!reader.isAtEnd()) {
    const clause = reader.take().toUpperCase();
    if (!clauses.includes(clause)) reader.fail();
    do changes.push(reader.change(clause));
    while (reader.accept(','));
  }
  return changes;
}

export function parseProjection(text: string): Path[] {
  const reader = new Reader(text, 'ProjectionExpression');
  const paths = [reader.path()];
  while (reader.accept(',')) paths.push(reader.path());
  if (!reader.isAtEnd()) reader.fail();
  return paths;
}
