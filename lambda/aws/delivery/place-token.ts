// The token with which keys are put into a place outside AWS, as a person has set it.
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import { issuerSecretName } from '../../../core/key/key-address';
import { parsedJson } from '../../../core/text/parsed-json';
import type { CourierTools, PlaceToken } from '../../../targets/target';

const stored = z.object({ token: z.string().check(z.minLength(1)) });

export function createReadToken(
  client: SecretsManagerClient,
  environment: string,
): CourierTools['readToken'] {
  return async (to, { title, needs }: PlaceToken) => {
    const set = `set it with \`npx keyturn issuer set ${to} --env ${environment}\`: ${needs}`;
    const SecretId = issuerSecretName(environment, to);
    try {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
      const read = stored.safeParse(parsedJson(SecretString));
      if (read.success) return read.data.token;
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
    throw new KeyturnError(
      'refused',
      `the token for ${title} in ${environment} is not set, or is not a token; ${set}`,
    );
  };
}
