// Whose credentials these are, which AWS answers to everybody; and whom they may be as well.
import type { Caller } from '@keyturn/iam/request';
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsQuery } from '../wire/protocol';
import { signingAlgorithms, type WebIdentity } from './web-identity';

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
  /** Whether its own policy lets a service act as it. */
  mayAssume(arn: string, caller: Caller, context: Record<string, string | undefined>): boolean;
}

/** STS's own. */
const sessionSeconds = 3600;

export function createSts(parts: {
  account: string;
  access: Access;
  virtual: Virtual;
  webIdentity: WebIdentity;
  /** Makes credentials of a session. @default nobody assumes a role */
  openSession?(roleArn: string, sessionName: string, by: Caller): SessionCredentials;
}): Sts {
  const { account, access, virtual, webIdentity, openSession } = parts;
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
      GetWebIdentityToken: operation(identityInput, async (input, call) => {
        const { Audience, DurationSeconds, SigningAlgorithm, Tags } = input;
        const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
        const context = {
          'sts:IdentityTokenAudience': Audience,
          'sts:DurationSeconds': String(DurationSeconds),
          'sts:SigningAlgorithm': SigningAlgorithm,
          ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
          'aws:TagKeys': Tags.length ? Object.keys(tags) : undefined,
        };
        const ask = { resource: '*', context, denial: { code: 'AccessDenied', status: 403 } };
        access.permit(call, { ...ask, action: 'sts:GetWebIdentityToken' });
        if (Tags.length) access.permit(call, { ...ask, action: 'sts:TagGetWebIdentityToken' });
        if (!webIdentity.isEnabled)
          throw new AwsError(
            'OutboundWebIdentityFederationDisabledException',
            'Outbound web identity federation is disabled for this account.',
            403,
          );
        const { caller, region } = call;
        const WebIdentityToken = await webIdentity.token({
          audience: Audience,
          seconds: DurationSeconds,
          algorithm: SigningAlgorithm,
          tags,
          caller,
          region,
        });
        const end = Math.floor(virtual.now().getTime() / 1000) + DurationSeconds;
        return { WebIdentityToken, Expiration: new Date(end * 1000).toISOString() };
      }),
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
    mayAssume(arn, caller, context) {
      const policy = trusts.get(arn);
      if (policy === undefined) return false;
      return access.decide(caller, { action: 'sts:AssumeRole', resource: arn, policy, context }).allowed;
    },
  };
}

const assumeInput = z.strictObject({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce.number().int().min(900).max(43200).optional(),
});

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
const identityInput = z.strictObject({
  Audience: z.array(z.string().min(1).max(1000)).min(1).max(10),
  DurationSeconds: z.coerce.number().int().min(60).max(3600).default(300),
  SigningAlgorithm: z.enum(signingAlgorithms),
  Tags: z
    .array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
    .max(50)
    .default([]),
});

/** The unique id behind a caller: of a role's session, or of a service. */
export function userIdOf({ kind, sessionName }: Caller): string {
  return kind === 'service' ? 'AIDAEXAMPLESERVICE' : `AROAEXAMPLEROLE:${sessionName ?? 'session'}`;
}
