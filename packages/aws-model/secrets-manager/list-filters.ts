// The filters of ListSecrets and BatchGetSecretValue: filters are joined by AND, the values of one by OR, `!` negates.
import * as z from 'zod';
import type { Secret } from './secret';

export const listFilters = z
  .array(
    z.strictObject({
      Key: z.enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
      Values: z.array(z.string().min(1).max(512)).min(1).max(10),
    }),
  )
  .max(10);

type Filter = z.output<typeof listFilters>[number];

export function matchesFilters(secret: Secret, filters: readonly Filter[]): boolean {
  return filters.every(({ Key, Values }) =>
    Values.some(value =>
      value.startsWith('!') ? !matches(secret, Key, value.slice(1)) : matches(secret, Key, value),
    ),
  );
}

function matches(secret: Secret, key: Filter['Key'], value: string): boolean {
  const startsIn = (texts: string[]) => texts.some(text => text.startsWith(value));
  switch (key) {
    case 'name':
      return startsIn([secret.name]);
    case 'tag-key':
      return startsIn(Object.keys(secret.tags));
    case 'tag-value':
      return startsIn(Object.values(secret.tags));
    case 'description':
      return wordsFrom(secret.description ?? '').some(rest => rest.startsWith(value.toLowerCase()));
    case 'primary-region':
      return startsIn([secret.arn.split(':')[3]!]);
    case 'owning-service':
      return false;
    case 'all':
      return everyWord(secret, value);
  }
}

/** The text from each of its words on, in lower case. */
function wordsFrom(text: string): string[] {
  const lower = text.toLowerCase();
  return [...lower.matchAll(/[a-z0-9]+/g)].map(({ index }) => lower.slice(index));
}

function everyWord(secret: Secret, value: string): boolean {
  const texts = [secret.name, secret.description ?? '', ...Object.entries(secret.tags).flat()]
    .join(' ')
    .toLowerCase();
  return value
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .every(word => texts.includes(word));
}
