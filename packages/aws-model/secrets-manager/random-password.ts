// GetRandomPassword: characters of the wanted kinds, at least one of each unless that is not asked for.
import * as z from 'zod';
import type { Random } from '../clock/virtual';
import { pick } from '../shared/identifiers';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import type { SecretAccess } from './secret-access';

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

const lowercase = 'abcdefghijklmnopqrstuvwxyz';

export function randomPassword(tools: { random: Random; access: SecretAccess }): Operation {
  const { random, access } = tools;
  return operation(input, (asked, call) => {
    access.permitAny(call);
    const kinds = allowedKinds(asked);
    if (!kinds.length) {
      throw new AwsError(
        'InvalidParameterException',
        'The password has no characters to be made of; exclude fewer of them.',
      );
    }
    const required = asked.RequireEachIncludedType ? kinds : [];
    if (required.length > asked.PasswordLength) {
      throw new AwsError(
        'InvalidParameterException',
        'Password length is too short based on the required types.',
      );
    }
    const all = kinds.flat();
    const letters = Array.from({ length: asked.PasswordLength }, (_, n) => pick(random, required[n] ?? all));
    return { RandomPassword: shuffled(letters, random).join('') };
  });
}

/** The characters of each kind that is wanted, without kinds of which none are left. */
function allowedKinds(asked: z.output<typeof input>): string[][] {
  return [
    asked.ExcludeLowercase ? '' : lowercase,
    asked.ExcludeUppercase ? '' : lowercase.toUpperCase(),
    asked.ExcludeNumbers ? '' : '0123456789',
    asked.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    asked.IncludeSpace ? ' ' : '',
  ]
    .map(kind => [...kind].filter(letter => !asked.ExcludeCharacters.includes(letter)))
    .filter(letters => letters.length);
}

function shuffled(letters: readonly string[], random: Random): string[] {
  return letters
    .map(letter => ({ letter, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ letter }) => letter);
}
