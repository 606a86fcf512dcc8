// Roles and users of the account, with all policies that say what they may do.
import {
  type GetAccountAuthorizationDetailsResponse,
  type IAMClient,
  type ManagedPolicyDetail,
  paginateGetAccountAuthorizationDetails,
} from '@aws-sdk/client-iam';
import { type ReadPolicy, readPolicy, type Subject } from '@keyturn/iam/audience';
import type { NotCovered } from '../../../../core/audit/finding';
import { couldNotLook } from '../not-looked';

export interface Account {
  subjects: Subject[];
  /** ARN of a role -> its trust policy as JSON text. */
  trusts: ReadonlyMap<string, string>;
  notCovered: NotCovered[];
}

/** IAM shows that many at once; each brings its policies. */
const entriesInOneCall = 200;

/** Where IAM does not tell, says so, and goes on with what it told. */
export async function readAccount(iam: IAMClient, isTimeUp: () => boolean): Promise<Account> {
  const told = { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [] };
  const all: Required<Pick<GetAccountAuthorizationDetailsResponse, keyof typeof told>> = told;
  const notCovered: NotCovered[] = [];
  try {
    const pages = paginateGetAccountAuthorizationDetails({ client: iam, pageSize: entriesInOneCall }, {});
    for await (const page of pages) {
      all.UserDetailList.push(...(page.UserDetailList ?? []));
      all.GroupDetailList.push(...(page.GroupDetailList ?? []));
      all.RoleDetailList.push(...(page.RoleDetailList ?? []));
      all.Policies.push(...(page.Policies ?? []));
      if (page.IsTruncated && isTimeUp()) {
        const seen = `${all.RoleDetailList.length} roles and ${all.UserDetailList.length} users`;
        notCovered.push({
          what: 'some roles and users of the account',
          why: `only ${seen} were read in time`,
          failed: true,
        });
        break;
      }
    }
  } catch (error) {
    notCovered.push(
      couldNotLook('what roles and users of the account may read by their own policies', error),
    );
  }
  const managed = new Map(all.Policies.map(policy => [policy.Arn, readManaged(policy)]));
  const attached = (list: readonly { PolicyArn?: string }[] = []) =>
    list.map(({ PolicyArn = '' }) => managed.get(PolicyArn) ?? unseen(PolicyArn));
  const inline = (list: readonly { PolicyName?: string; PolicyDocument?: string }[] = [], of = '') =>
    list.map(({ PolicyName, PolicyDocument }) =>
      readPolicy(`inline policy ${PolicyName}${of}`, decoded(PolicyDocument), 'identity'),
    );
  const bounded = (arn: string | undefined) =>
    arn === undefined ? {} : { boundary: managed.get(arn) ?? unseen(arn) };
  const groups = new Map(
    all.GroupDetailList.map(({ GroupName, GroupPolicyList, AttachedManagedPolicies }) => [
      GroupName,
      [...inline(GroupPolicyList, ` of the group ${GroupName}`), ...attached(AttachedManagedPolicies)],
    ]),
  );
  const users = all.UserDetailList.map(
    ({
      Arn = '',
      UserPolicyList,
      AttachedManagedPolicies,
      GroupList = [],
      PermissionsBoundary,
    }): Subject => ({
      arn: Arn,
      kind: 'user',
      policies: [
        ...inline(UserPolicyList),
        ...attached(AttachedManagedPolicies),
        ...GroupList.flatMap(name => groups.get(name) ?? unseen(`the group ${name}`)),
      ],
      ...bounded(PermissionsBoundary?.PermissionsBoundaryArn),
    }),
  );
  const roles = all.RoleDetailList.map(
    ({ Arn = '', RolePolicyList, AttachedManagedPolicies, PermissionsBoundary }): Subject => ({
      arn: Arn,
      kind: 'role',
      policies: [...inline(RolePolicyList), ...attached(AttachedManagedPolicies)],
      ...bounded(PermissionsBoundary?.PermissionsBoundaryArn),
    }),
  );
  const trusts = all.RoleDetailList.map(
    ({ Arn = '', AssumeRolePolicyDocument }) => [Arn, decoded(AssumeRolePolicyDocument)] as const,
  );
  return { subjects: [...roles, ...users], trusts: new Map(trusts), notCovered };
}

function readManaged({
  Arn = '',
  DefaultVersionId,
  PolicyVersionList = [],
}: ManagedPolicyDetail): ReadPolicy {
  const version = PolicyVersionList.find(
    ({ VersionId, IsDefaultVersion }) => IsDefaultVersion ?? VersionId === DefaultVersionId,
  );
  if (!version?.Document) return unseen(Arn);
  return readPolicy(`policy ${Arn}`, decoded(version.Document), 'identity');
}

/** IAM named it and did not show it: it may allow and deny anything. */
function unseen(name: string): ReadPolicy {
  return { name, statements: [], problem: 'IAM did not show it' };
}

/** IAM encodes documents as URLs are. One that is not so encoded is taken as it stands. */
function decoded(document = ''): string {
  try {
    return decodeURIComponent(document);
  } catch {
    return document;
  }
}
