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
      return beginWords([secret.description ?? ''], value);
    case 'primary-region':
      return startsIn([secret.arn.split(':')[3] ?? '']);
    case 'owning-service':
      return false;
    case 'all':
      return beginWords(
        [secret.name, secret.description ?? '', ...Object.entries(secret.tags).flat()],
        value,
      );
  }
}

/** Each word of the value begins a word of the text, in any case. `OneTwo` is two words, and so is `ONETwo`. */
function beginWords(texts: readonly string[], value: string): boolean {
  const words = texts.flatMap(wordsOf);
  const asked = wordsOf(value);
  return asked.length > 0 && asked.every(start => words.some(word => word.startsWith(start)));
}

function wordsOf(text: string): string[] {
  const words = text.match(/[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+/g) ?? [];
  return words.map(word => word.toLowerCase());
}
