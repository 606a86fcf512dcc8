// Reading what an API answered, by pointers (RFC 6901).
import * as z from 'zod/mini';
import { timeOf } from '../contract/listed-time';
import type { ApiProof, Pointer, Says, TimeForm } from './http-api';

export function valueAt(body: unknown, pointer: Pointer): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>((at, written) => {
    const step = written.replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof at === 'object' && at !== null && Object.hasOwn(at, step)
      ? (at as Record<string, unknown>)[step]
      : undefined;
  }, body);
}

export function says(body: unknown, said: Says): boolean {
  const value = valueAt(body, said.at);
  if ('is' in said) return value === said.is;
  return typeof value === 'string' && wholeMatch(said.matches).test(value);
}

export function wholeMatch(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** The shape of a body that says so. */
export function shapeOf(proof: ApiProof): z.ZodMiniType {
  const fits = (body: unknown) => ('has' in proof ? valueAt(body, proof.has) != null : says(body, proof));
  return z.unknown().check(z.refine(fits));
}

/** A body in which each pointer leads to a text or a number. */
export function withTextsAt(...pointers: readonly Pointer[]): z.ZodMiniType {
  const stands = (pointer: Pointer) =>
    z.refine(body => textAt(body, pointer) !== undefined, { path: pointer.split('/').slice(1) });
  return z.unknown().check(...pointers.map(stands));
}

/** Ids are numbers at times. */
export function textAt(body: unknown, pointer: Pointer | undefined): string | undefined {
  const value = pointer === undefined ? undefined : valueAt(body, pointer);
  return typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined;
}

export function timeAt(
  body: unknown,
  pointer: Pointer | undefined,
  form: TimeForm,
): Date | 'never' | undefined {
  const value = pointer === undefined ? undefined : valueAt(body, pointer);
  if (value !== null && typeof value !== 'string' && typeof value !== 'number') return undefined;
  return timeOf(value, told => new Date(form === 'seconds' ? Number(told) * 1000 : told));
}

export function textsIn(body: unknown, pointer: Pointer | undefined): string[] | undefined {
  const value = pointer === undefined ? undefined : valueAt(body, pointer);
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : undefined;
}
