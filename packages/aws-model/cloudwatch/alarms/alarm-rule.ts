// The rule of a composite alarm: ALARM("name") AND NOT OK(arn) OR ..., read and worked out over the states of its children.
import { NotModelled } from '../../wire/aws-error';
import type { AlarmState } from './alarm-evaluation';

export interface AlarmRule {
  /** Names or ARNs, as the rule has them. */
  children: string[];
  holds(stateOf: (nameOrArn: string) => AlarmState | undefined): boolean;
}

type Test = (stateOf: (nameOrArn: string) => AlarmState | undefined) => boolean;

export function readAlarmRule(text: string): AlarmRule {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+/g) ?? [];
  const children: string[] = [];
  let place = 0;

  function take(expected?: string): string {
    const token = tokens[place++];
    if (token === undefined || (expected && token !== expected)) {
      throw new NotModelled(`the alarm rule "${text}" cannot be read at "${token ?? 'its end'}"`);
    }
    return token;
  }

  function either(): Test {
    let left = both();
    while (tokens[place] === 'OR') {
      place++;
      const [first, second] = [left, both()];
      left = stateOf => first(stateOf) || second(stateOf);
    }
    return left;
  }

  function both(): Test {
    let left = single();
    while (tokens[place] === 'AND') {
      place++;
      const [first, second] = [left, single()];
      left = stateOf => first(stateOf) && second(stateOf);
    }
    return left;
  }

  function single(): Test {
    const token = take();
    if (token === 'NOT') {
      const inner = single();
      return stateOf => !inner(stateOf);
    }
    if (token === '(') {
      const inner = either();
      take(')');
      return inner;
    }
    if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
    if (!['ALARM', 'OK', 'INSUFFICIENT_DATA'].includes(token)) {
      throw new NotModelled(`the alarm rule "${text}" cannot be read at "${token}"`);
    }
    take('(');
    const child = take().replace(/^"|"$/g, '');
    take(')');
    children.push(child);
    return stateOf => stateOf(child) === token;
  }

  const test = either();
  if (place < tokens.length) take(')');
  return { children: [...new Set(children)], holds: test };
}
