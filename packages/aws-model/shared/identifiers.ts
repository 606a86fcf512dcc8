// Identifiers as AWS makes them up, from the chance it is given so that a run with the same seed repeats itself.

import type { Random } from '../clock/virtual';
import { arnIn, type Home } from './arn';

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function pick<Item>(random: Random, items: ArrayLike<Item>): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

export function alphanumerics(random: Random, length: number): string {
  return Array.from({ length }, () => pick(random, alphanumeric)).join('');
}

/** Version 4, as far as its shape goes. */
export function uuid(random: Random): string {
  const hex = (length: number) => Array.from({ length }, () => pick(random, '0123456789abcdef')).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${pick(random, '89ab')}${hex(3)}-${hex(12)}`;
}

/** What CloudFormation calls a stack; the model's ids of stacks are all the same. */
export function stackArn(home: Home, name: string): string {
  return arnIn(home, 'cloudformation', `stack/${name}/00000000`);
}
