// Who is in the account and what their policies say: of IAM's API, the one call that tells it all, and those that turn on
// federation to others.
import * as z from 'zod';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsQuery } from '../wire/protocol';
import type { WebIdentity } from './web-identity';

export interface NamedPolicy {
  name: string;
  document: object;
}

/** A policy of its own, attached to others by its ARN: the account's, or AWS's. */
export interface ManagedPolicy {
  arn: string;
  document: object;
}

export interface IamIdentity {
  arn: string;
  /** @default - none */
  inline?: readonly NamedPolicy[];
  /** ARNs of managed policies. @default - none */
  attached?: readonly string[];
  /** ARN of a managed policy. @default - none */
  boundary?: string | undefined;
}

export interface IamRole extends IamIdentity {
  /** Who may assume it. */
  trust: object;
}

export interface IamUser extends IamIdentity {
  /** Names. @default - none */
  groups?: readonly string[];
}

export interface Iam {
  service: Service;
  /** Again under the same ARN, it takes the place of what was there. */
  addRole(role: IamRole): void;
  addUser(user: IamUser): void;
  addGroup(group: Omit<IamIdentity, 'boundary'>): void;
  addPolicy(policy: ManagedPolicy): void;
  /** Of any kind, by its ARN. */
  remove(arn: string): void;
}

const kinds = ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const;
type EntityKind = (typeof kinds)[number];

const input = z.strictObject({
  Filter: z.array(z.enum(kinds)).default([...kinds]),
  MaxItems: z.coerce.number().int().min(1).max(1000).default(100),
  Marker: z.string().min(1).optional(),
});

export function createIam({ access, webIdentity }: { access: Access; webIdentity: WebIdentity }): Iam {
  const entries = new Map<string, { kind: EntityKind; shown: object }>();
  const denial = { code: 'AccessDenied', status: 403 };
  const add = (kind: EntityKind, arn: string, shown: object) => void entries.set(arn, { kind, shown });

  return {
    service: {
      name: 'iam',
      protocol: awsQuery,
      operations: {
        GetAccountAuthorizationDetails: operation(input, ({ Filter, MaxItems, Marker }, call) => {
          access.permit(call, { action: 'iam:GetAccountAuthorizationDetails', resource: '*', denial });
          const asked = [...entries.values()].filter(({ kind }) => Filter.includes(kind));
          const sorted = kinds.flatMap(kind => asked.filter(entry => entry.kind === kind));
          const { items, next } = page(sorted, MaxItems, Marker);
          const shownOf = (...wanted: EntityKind[]) =>
            items.flatMap(({ kind, shown }) => (wanted.includes(kind) ? shown : []));
          return {
            UserDetailList: shownOf('User'),
            GroupDetailList: shownOf('Group'),
            RoleDetailList: shownOf('Role'),
            Policies: shownOf('LocalManagedPolicy', 'AWSManagedPolicy'),
            IsTruncated: next !== undefined,
            Marker: next,
          };
        }),
        EnableOutboundWebIdentityFederation: operation(z.strictObject({}), (_input, call) => {
          access.permit(call, { action: 'iam:EnableOutboundWebIdentityFederation', resource: '*', denial });
          if (webIdentity.isEnabled)
            throw new AwsError('FeatureEnabled', 'Outbound identity federation is already enabled.', 409);
          webIdentity.isEnabled = true;
          return { IssuerIdentifier: webIdentity.issuer };
        }),
        GetOutboundWebIdentityFederationInfo: operation(z.strictObject({}), (_input, call) => {
          access.permit(call, { action: 'iam:GetOutboundWebIdentityFederationInfo', resource: '*', denial });
          if (!webIdentity.isEnabled)
            throw new AwsError('FeatureDisabled', 'Outbound identity federation is disabled.', 404);
          return { IssuerIdentifier: webIdentity.issuer, JwtVendingEnabled: true };
        }),
      },
    },
    addRole: ({ trust, ...role }) =>
      add('Role', role.arn, {
        ...named(role, 'Role'),
        AssumeRolePolicyDocument: encoded(trust),
        RolePolicyList: shownInline(role),
        ...shownAttached(role),
        InstanceProfileList: [],
        Tags: [],
      }),
    addUser: user =>
      add('User', user.arn, {
        ...named(user, 'User'),
        UserPolicyList: shownInline(user),
        GroupList: user.groups ?? [],
        ...shownAttached(user),
        Tags: [],
      }),
    addGroup: group =>
      add('Group', group.arn, {
        ...named(group, 'Group'),
        GroupPolicyList: shownInline(group),
        ...shownAttached(group),
      }),
    addPolicy: ({ arn, document }) =>
      add(arn.split(':')[4] === 'aws' ? 'AWSManagedPolicy' : 'LocalManagedPolicy', arn, {
        ...named({ arn }, 'Policy'),
        DefaultVersionId: 'v1',
        IsAttachable: true,
        PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: encoded(document) }],
      }),
    remove: arn => void entries.delete(arn),
  };
}

function named({ arn }: { arn: string }, kind: 'Role' | 'User' | 'Group' | 'Policy'): object {
  const [, ...path] = arn.slice(arn.lastIndexOf(':') + 1).split('/');
  const name = path.pop();
  return { Path: ['', ...path, ''].join('/'), [`${kind}Name`]: name, Arn: arn };
}

function shownInline({ inline = [] }: IamIdentity): object[] {
  return inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encoded(document) }));
}

function shownAttached({ attached = [], boundary }: IamIdentity): object {
  return {
    AttachedManagedPolicies: attached.map(PolicyArn => ({
      PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
      PolicyArn,
    })),
    ...(boundary && {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary },
    }),
  };
}

/** As RFC 3986 says. */
function encoded(document: object): string {
  return encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
