// Whose credentials these are, which AWS answers to everybody; and whom they may be as well.
import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsQuery } from '../wire/protocol';

export interface SessionCredentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
}

export interface Sts {
  service: Service;
  /** @param trust the policy that says who may assume it */
  addRole(arn: string, trust: object): void;
  removeRole(arn: string): void;
}

/** STS's own. */
const sessionSeconds = 3600;

export function createSts(parts: {
  account: string;
  access: Access;
  virtual: Virtual;
  /** Makes credentials of a session. @default nobody assumes a role */
  openSession?(roleArn: string, sessionName: string, by: Caller): SessionCredentials;
}): Sts {
  const { account, access, virtual, openSession } = parts;
  const trusts = new Map<string, string>();

  const service: Service = {
    name: 'sts',
    protocol: awsQuery,
    isTrailed: () => true,
    operations: {
      AssumeRole: operation(
        assumeInput,
        ({ RoleArn, RoleSessionName, DurationSeconds = sessionSeconds }, call) => {
          const trust = trusts.get(RoleArn);
          const denial = { code: 'AccessDenied', status: 403 };
          const ask = { action: 'sts:AssumeRole', resource: RoleArn, denial };
          access.permit(call, { ...ask, policy: trust ?? '{"Statement":[]}' });
          if (!trust || !openSession) throw new AwsError('AccessDenied', `${RoleArn} cannot be assumed`, 403);
          const Expiration = new Date(virtual.now().getTime() + DurationSeconds * 1000).toISOString();
          const [, partition] = RoleArn.split(':');
          const role = RoleArn.split('/').at(-1);
          return {
            Credentials: { ...openSession(RoleArn, RoleSessionName, call.caller), Expiration },
            AssumedRoleUser: {
              Arn: `arn:${partition}:sts::${account}:assumed-role/${role}/${RoleSessionName}`,
              AssumedRoleId: `AROAEXAMPLEROLE:${RoleSessionName}`,
            },
          };
        },
      ),
      GetCallerIdentity: operation(z.strictObject({}), (_input, { caller }) => ({
        Arn: caller.arn,
        UserId: userIdOf(caller),
        Account: caller.kind === 'service' ? account : caller.arn.split(':')[4],
      })),
    },
  };
  return {
    service,
    addRole(arn, trust) {
      const { Statement } = trust as { Statement: object | object[] };
      // A trust policy names no resource: it is that of the role.
      const statements = [Statement].flat().map(statement => ({ ...statement, Resource: arn }));
      trusts.set(arn, JSON.stringify({ Statement: statements }));
    },
    removeRole: arn => void trusts.delete(arn),
  };
}

const assumeInput = z.strictObject({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce.number().int().min(900).max(43200).optional(),
});

/** The unique id behind a caller: of a role's session, or of a service. */
export function userIdOf({ kind, sessionName }: Caller): string {
  return kind === 'service' ? 'AIDAEXAMPLESERVICE' : `AROAEXAMPLEROLE:${sessionName ?? 'session'}`;
}
