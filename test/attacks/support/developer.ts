// Somebody of the account who is no deployer: may do everything with secrets, keys of KMS and functions, as far as he is let.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AttackContext, account } from '../attack';

const developer = `arn:aws:iam::${account}:role/developer`;

export interface Developer {
  secrets: SecretsManagerClient;
  /** @returns undefined where AWS refuses it */
  tries<T>(call: () => Promise<T>): Promise<T | undefined>;
}

export function asDeveloper({ world }: AttackContext): Developer {
  const Action = ['secretsmanager:*', 'kms:*', 'lambda:*'];
  world.engine.addForeignRole(developer, [
    { Statement: [{ Sid: 'All', Effect: 'Allow', Action, Resource: '*' }] },
  ]);
  return {
    secrets: new SecretsManagerClient(world.clientSettings(developer, 'mallory')),
    async tries(call) {
      try {
        return await world.clock.runWhile(call);
      } catch (error) {
        if ((error as Error).name === 'AccessDeniedException') return undefined;
        throw error;
      }
    },
  };
}

/** A value that names a key at SendGrid. */
export function valueNaming(keyId: string): string {
  const issuedAt = '2027-01-01T00:00:00Z';
  return JSON.stringify({ secret: `FAKE${keyId}`, keyId, provider: 'sendgrid', issuedAt });
}
