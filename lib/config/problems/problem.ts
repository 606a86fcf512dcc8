// What is wrong with config/keys.ts, in words: where, which value, and the fix. No value that looks like a key is repeated, and
// nothing that a library says reaches a person.
import * as z from 'zod';
import type { KeyAddress } from '../../../core/key/key-address';
import { nearest } from '../../../core/key/nearest';
import { withoutLikelySecrets } from './likely-secrets';

/** The steps from the whole to an entry: `['servers', 'support-bot', 'keys', 0, 'scopes']`. */
export type Path = readonly PropertyKey[];

/** `text` goes on after the place: what is wrong with which value, and the fix. */
export interface Mistake {
  place: string;
  text: string;
  /** Where it may stand in the file, the likeliest first. */
  paths?: readonly Path[];
}

/** Where a key stands in config/keys.ts: `prod/support-bot/sendgrid`. */
export function placeOf({ environment, server, provider, purpose }: KeyAddress): string {
  return [environment, server, provider, ...(purpose === 'main' ? [] : [purpose])].join('/');
}

/**
 * Parses one piece; where its shape is wrong, notes every problem and returns `undefined`.
 * @param bases where the piece may stand in the file
 * @param fix where the shape words none itself
 */
export function parsePiece<T extends z.core.$ZodType>(
  shape: T,
  value: unknown,
  place: string,
  problems: Mistake[],
  bases: readonly Path[] = [],
  fix = 'correct it, or leave it out',
): z.output<T> | undefined {
  const parsed = z.safeParse(shape, value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    for (const { path, text } of problemsOf(issue, shape, value, fix)) {
      const within = bases.map(base => [...base, ...path]);
      problems.push({ place, text, paths: [...within, ...bases] });
    }
  }
  return undefined;
}

const namedAtMost = 8;

/** `github` means github-app, and `overlap` overlapHours, although others are spelt almost the same. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const longer =
    word && candidates.find(name => name.startsWith(word) && /^[-A-Z]/.test(name.slice(word.length)));
  const best = longer || nearest(word, candidates);
  if (best) return `"${best}"`;
  if (!candidates.length) return 'no other, since there is none';
  const first = candidates.slice(0, namedAtMost).map(candidate => `"${candidate}"`);
  const more = candidates.length - first.length;
  return `one of ${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Names of environments that a server is not in. */
export function noteUnknown(
  names: string[],
  known: string[],
  place: string,
  problems: Mistake[],
  path: Path,
): void {
  for (const name of names.filter(name => !known.includes(name))) {
    problems.push({
      place,
      text: `"${name}" is not an environment of this server; use ${suggestion(name, known)}`,
      paths: [[...path, name]],
    });
  }
}

/** A value as the person wrote it, cut to a line. */
export function quoted(value: unknown): string {
  const pathInWords = withoutLikelySecrets(inWords(value));
  return pathInWords.length > 80 ? `${pathInWords.slice(0, 77)}...` : pathInWords;
}

function inWords(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol')
    return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'the value';
  }
}

interface ShapeProblem {
  path: Path;
  text: string;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  shape: z.core.$ZodType,
  value: unknown,
  otherwise: string,
): ShapeProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(shape, issue.path);
    return issue.keys.map(key => ({
      path: [...issue.path, key],
      text: `"${written([...issue.path, key])}" is not a field; use ${suggestion(key, known)}`,
    }));
  }
  // A key that is wrong is told as what stands there, in the record that it is a key of.
  const isKey = issue.code === 'invalid_key';
  const [told = issue] = isKey ? issue.issues : [];
  const path = isKey ? issue.path.slice(0, -1) : issue.path;
  const found = isKey ? issue.path.at(-1) : valueAt(value, path);
  const [what, fix] = explained(told, isKey ? [] : shapesAt(shape, path), otherwise);
  const field = written(path) || 'it';
  if (found === undefined) return [{ path: issue.path, text: `${field} is missing; ${fix}` }];
  return [
    {
      path: issue.path,
      text: `${[written(path), quoted(found)].filter(Boolean).join(' ')} ${what}; ${fix}`,
    },
  ];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

/** Shapes of this folder word their messages as "what; fix". Of a connector's settings, only the kind of an issue is known. */
function explained(
  issue: z.core.$ZodIssue,
  shapes: z.core.$ZodTypes[],
  see: string,
): [what: string, fix: string] {
  const described = issue.code === 'invalid_type' ? shapes.flatMap(descriptionOf)[0] : undefined;
  const [what = '', fix] = (described ?? issue.message).split('; ');
  if (fix !== undefined) return [what, fix];
  switch (issue.code) {
    case 'invalid_type':
      return [`is not ${kinds[issue.expected] ?? 'of the kind that is needed'}`, see];
    case 'invalid_value':
      return ['is unknown', `use one of ${issue.values.map(value => quoted(value)).join(', ')}`];
    case 'too_small':
      return ['is too small or too short', `use ${issue.minimum} or more`];
    case 'too_big':
      return ['is too large or too long', `use ${issue.maximum} at most`];
    case 'invalid_format':
      return issue.format === 'starts_with' && 'prefix' in issue
        ? [`does not begin with ${quoted(issue.prefix)}`, see]
        : ['does not have the form that its provider requires', see];
    case 'custom':
      return ['contradicts itself', see];
    default:
      return ['is not what its provider requires', see];
  }
}

/** Objects say of themselves what they are. */
function descriptionOf(shape: z.core.$ZodTypes): string | [] {
  return z.globalRegistry.get(shape)?.description ?? [];
}

const kinds: Record<string, string> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** `roles.prod`, `admins[0]` */
function written(path: Path): string {
  return path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** The fields that an object of the shape may have, `path` steps down. */
function fieldsAt(shape: z.core.$ZodType, path: Path): string[] {
  return shapesAt(shape, path).flatMap(({ _zod: { def } }) => ('shape' in def ? Object.keys(def.shape) : []));
}

/** What stands `path` steps down; several, where it may be one thing or another. */
function shapesAt(shape: z.core.$ZodType, path: Path): z.core.$ZodTypes[] {
  const found = shape as z.core.$ZodTypes;
  const { def } = found._zod;
  if (def.type === 'optional') return shapesAt(def.innerType, path);
  if (def.type === 'union') return def.options.flatMap(option => shapesAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return [found];
  if (def.type === 'record') return shapesAt(def.valueType, rest);
  if (def.type === 'array') return shapesAt(def.element, rest);
  const inner = def.type === 'object' ? def.shape[String(step)] : undefined;
  return inner ? shapesAt(inner, rest) : [];
}
