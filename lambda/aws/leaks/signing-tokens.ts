// The tokens under which scanners sign: a person has set each, in a secret that only this function reads.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { leakTokenSecretName, type TokenScanner } from '../../../core/leaks/leak-report';
import type { Clock } from '../../../core/provider';
import { parsedJson } from '../../../core/text/parsed-json';
import { minuteMs } from '../../../core/time';

/** @returns `undefined` where nobody has set one */
export type SigningTokens = (scanner: TokenScanner) => Promise<string | undefined>;

/** What the secret of a scanner holds, once a person has set it. */
export interface SigningToken {
  token: string;
}

/** Everybody on the internet can make us read it. */
const freshMs = minuteMs;
const unset = z.object({ state: z.literal('unissued') });
const set = z.object({ token: z.string().check(z.minLength(1)) }) satisfies z.ZodMiniType<SigningToken>;

export function createSigningTokens(
  secretsManager: SecretsManagerClient,
  environment: string,
  clock: Clock,
): SigningTokens {
  const held = new Map<TokenScanner, { token: string | undefined; at: number }>();
  return async scanner => {
    const now = clock.now().getTime();
    const before = held.get(scanner);
    if (before && now - before.at < freshMs) return before.token;
    const name = leakTokenSecretName(environment, scanner);
    const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId: name }));
    const token = readToken(
      SecretString,
      `set it again with \`npx keyturn leaked set-token ${scanner}\``,
      name,
    );
    held.set(scanner, { token, at: now });
    return token;
  };
}

function readToken(text: string, fix: string, name: string): string | undefined {
  const value = parsedJson(text);
  if (unset.safeParse(value).success) return undefined;
  const read = set.safeParse(value);
  if (read.success) return read.data.token;
  throw new KeyturnError('bad-secret', `${name} does not hold the token of a scanner; ${fix}`);
}
