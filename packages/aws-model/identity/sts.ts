// GetCallerIdentity, which AWS answers to everybody: whose credentials these are.
import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import { operation, type Service } from '../wire/operation';
import { awsQuery } from '../wire/protocol';

export function createSts({ account }: { account: string }): Service {
  return {
    name: 'sts',
    protocol: awsQuery,
    isTrailed: () => true,
    operations: {
      GetCallerIdentity: operation(z.strictObject({}), (_input, { caller }) => ({
        Arn: caller.arn,
        UserId: userIdOf(caller),
        Account: account,
      })),
    },
  };
}

/** The unique id behind a caller: of a role's session, or of a service. */
export function userIdOf({ kind, sessionName }: Caller): string {
  return kind === 'service' ? 'AIDAEXAMPLESERVICE' : `AROAEXAMPLEROLE:${sessionName ?? 'session'}`;
}
