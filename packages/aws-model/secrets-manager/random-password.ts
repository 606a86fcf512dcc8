import * as z from 'zod';
import { pick } from '../shared/made-up';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import type { SecretTools } from './tools';

const classes = {
  ExcludeLowercase: 'abcdefghijklmnopqrstuvwxyz',
  ExcludeUppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ExcludeNumbers: '0123456789',
  ExcludePunctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;

const input = z.strictObject({
  PasswordLength: z.int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().max(4096).default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
});

export function passwordOperation(tools: SecretTools): Operation {
  return operation(input, (wish, call) => {
    tools.access.permitAny(call);
    const allowed = Object.entries(classes)
      .filter(([exclude]) => !wish[exclude as keyof typeof classes])
      .map(([, characters]) =>
        [...characters].filter(character => !wish.ExcludeCharacters.includes(character)),
      )
      .filter(characters => characters.length > 0);
    const all = [...allowed.flat(), ...(wish.IncludeSpace ? [' '] : [])];
    const required = wish.RequireEachIncludedType ? allowed : [];
    if (all.length === 0 || required.length > wish.PasswordLength) {
      throw new AwsError(
        'InvalidParameterException',
        'The password length is too short for the required character types.',
      );
    }
    const chosen = [
      ...required.map(characters => pick(tools.random, characters)),
      ...Array.from({ length: wish.PasswordLength - required.length }, () => pick(tools.random, all)),
    ];
    return { RandomPassword: shuffled(chosen, tools.random).join('') };
  });
}

function shuffled<Item>(items: Item[], random: () => number): Item[] {
  const keyed = items.map(item => ({ item, at: random() }));
  return keyed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
