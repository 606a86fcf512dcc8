// GetCallerIdentity, which AWS answers to everybody: whose credentials these are.
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
        UserId: `AROAFAKEUSERID:${caller.sessionName ?? 'session'}`,
        Account: account,
      })),
    },
  };
}
