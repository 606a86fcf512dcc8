// The part `access`: who can read secrets beyond those whom the configuration names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { GetKeyPolicyCommand, KMSClient, paginateListGrants } from '@aws-sdk/client-kms';
import { GetResourcePolicyCommand, paginateListSecrets } from '@aws-sdk/client-secrets-manager';
import { readPolicy } from '@keyturn/iam/audience';
import { createSlots } from '../../../connectors/http/slots';
import {
  type ExpectedReaders,
  findOpenRoles,
  findUnexpectedReaders,
  findWideRoles,
  isExpected,
  type SecretAudience,
} from '../../../core/audit/access';
import type { AuditFinding, NotCovered, PartAnswer } from '../../../core/audit/finding';
import { isKeyName, issuerSecretName, parseSecretName, shortName } from '../../../core/key/key-address';
import { isOwnFunction } from '../reads/secret-read';
import { clientSettings } from '../runtime/client-settings';
import { variable } from '../runtime/handler';
import { couldNotLook, noTimeFor } from './not-looked';
import type { AuditRun } from './parts';
import { type Account, readAccount } from './readers/account';
import { createAudiences, type ShownKey, type ShownSecret } from './readers/audiences';
import { outsidersOf } from './readers/trust';

export interface AccessTools {
  iam: IAMClient;
  kms: KMSClient;
  kmsKeyArn: string;
  expected: ExpectedReaders;
}

/** As this function was deployed: with a file beside its code. */
function openAccessTools(variables: NodeJS.ProcessEnv): AccessTools {
  const file = join(variables.LAMBDA_TASK_ROOT ?? '', 'readers.json');
  return {
    iam: new IAMClient(clientSettings),
    kms: new KMSClient(clientSettings),
    kmsKeyArn: variable('KEYTURN_KMS_KEY', variables),
    expected: JSON.parse(readFileSync(file, 'utf8')) as ExpectedReaders,
  };
}

/** A secret with its policy, as findings name it. */
type AskedSecret = Omit<SecretAudience, 'readers'> & { shown: ShownSecret };

const asksAtOnce = 10;

export async function lookAtAccess(
  run: AuditRun,
  tools: AccessTools = openAccessTools(run.variables),
): Promise<PartAnswer> {
  const { environment, clock } = run;
  const { kmsKeyArn, expected } = tools;
  const home = { environment, account: kmsKeyArn.split(':')[4] ?? '' };
  const notCovered: NotCovered[] = [...neverCovered];
  const account = await readAccount(tools.iam, run.isTimeUp);
  notCovered.push(...account.notCovered);
  const key = await readKey(tools, notCovered);
  const secrets = await readSecrets(run, expected, notCovered);

  const audiences = createAudiences(account.subjects, key, clock.now());
  const unexpected: SecretAudience[] = [];
  for (const [place, secret] of secrets.entries()) {
    if (run.isTimeUp()) {
      const what = `who can read ${secrets.length - place} further secrets`;
      notCovered.push(noTimeFor(what, `${place} secrets`));
      break;
    }
    const { shown, ...named } = secret;
    const readers = audiences.readersOf(shown, principal =>
      isExpected({ ...named, readers: [] }, principal, expected, home),
    );
    if (readers.length) unexpected.push({ ...named, readers });
  }

  const wide = [...keysByRole(expected)].map(([role, keys]) => ({
    role,
    keys,
    others: secrets.flatMap(({ shown, ...named }) => {
      if (run.isTimeUp() || isExpected({ ...named, readers: [] }, role, expected, home)) return [];
      const { answer, through } = audiences.byOwnPolicies(role, shown);
      return answer === 'yes' ? [{ subject: named.subject, through }] : [];
    }),
  }));
  const findings = [
    ...findUnexpectedReaders(unexpected),
    ...findWideRoles(wide),
    ...rolesOpenToOthers(account, expected, home),
  ];
  const looked = { secrets: secrets.length, principals: account.subjects.length };
  return { findings, notCovered, looked, prints: [] };
}

/** What no audit from within the account can tell. */
const neverCovered: readonly NotCovered[] = [
  {
    what: 'service control policies and resource control policies',
    why: 'they belong to the organization, and the account cannot read them; they can only forbid more',
  },
  {
    what: 'who could give themselves permission to read',
    why: 'only read access itself is checked, and not who may change policies, roles or functions',
  },
  {
    what: 'who can read replicas of secrets in other regions',
    why: 'only the region of the environment is checked',
  },
];

async function readKey({ kms, kmsKeyArn }: AccessTools, notCovered: NotCovered[]): Promise<ShownKey> {
  const name = 'policy of the KMS key';
  const policy = await kms.send(new GetKeyPolicyCommand({ KeyId: kmsKeyArn })).then(
    ({ Policy }) => readPolicy(name, Policy, 'resource'),
    error => {
      notCovered.push(couldNotLook(`the policy of the KMS key ${kmsKeyArn}`, error));
      return { name, statements: [], problem: 'KMS did not show it' };
    },
  );
  const grants: ShownKey['grants'][number][] = [];
  try {
    for await (const page of paginateListGrants({ client: kms, pageSize: 100 }, { KeyId: kmsKeyArn }))
      for (const { GranteePrincipal = '', Operations = [], Constraints } of page.Grants ?? []) {
        const { EncryptionContextEquals, EncryptionContextSubset } = Constraints ?? {};
        const context = { ...EncryptionContextSubset, ...EncryptionContextEquals };
        grants.push({ grantee: GranteePrincipal, operations: Operations, context });
      }
  } catch (error) {
    notCovered.push(couldNotLook(`the grants of the KMS key ${kmsKeyArn}`, error));
  }
  return { arn: kmsKeyArn, policy, grants };
}

/** Keys that a deployment knows, the issuer credentials of their providers, and tokens of places. */
async function readSecrets(
  run: AuditRun,
  { tokenPlaces = [] }: ExpectedReaders,
  notCovered: NotCovered[],
): Promise<AskedSecret[]> {
  const { environment, secretsManager, registry, providers } = run;
  const issuers = new Map([...providers, ...tokenPlaces].map(of => [issuerSecretName(environment, of), of]));
  const pages = paginateListSecrets(
    { client: secretsManager, pageSize: 100 },
    { Filters: [{ Key: 'name', Values: [`keyturn/${environment}/`] }] },
  );
  const slots = createSlots(asksAtOnce);
  const asked: Promise<AskedSecret | undefined>[] = [];
  for await (const { SecretList = [] } of pages)
    for (const { Name = '', ARN = '', KmsKeyId, Tags = [] } of SecretList) {
      const issuerOf = issuers.get(Name);
      const isKey = isKeyName(Name) && registry.isRegistered(Name);
      if (!isKey && issuerOf === undefined) continue;
      const subject =
        issuerOf === undefined
          ? shortName(parseSecretName(Name))
          : `issuer credential of ${issuerOf} in ${environment}`;
      const what = `who can read ${subject}`;
      if (!registry.isOwn(KmsKeyId)) {
        const why = 'its secret is not encrypted under the KMS key of the environment';
        notCovered.push({ what, why, failed: true });
        continue;
      }
      const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      asked.push(
        slots.run(async () => {
          try {
            const { ResourcePolicy } = await secretsManager.send(
              new GetResourcePolicyCommand({ SecretId: ARN }),
            );
            const policy = ResourcePolicy
              ? readPolicy('policy of the secret', ResourcePolicy, 'resource')
              : undefined;
            if (policy?.problem !== undefined)
              notCovered.push({
                what,
                why: `its policy is not understood: ${policy.problem}`,
                failed: true,
              });
            const shown = { arn: ARN, tags, ...(policy && { policy }) };
            return { subject, secretName: Name, ...(issuerOf !== undefined && { issuerOf }), shown };
          } catch (error) {
            notCovered.push(couldNotLook(what, error));
            return undefined;
          }
        }),
      );
    }
  return (await Promise.all(asked)).flatMap(secret => secret ?? []);
}

function keysByRole({ servers }: ExpectedReaders): Map<string, string[]> {
  const roles = new Map<string, string[]>();
  for (const [key, role] of Object.entries(servers)) roles.set(role, [...(roles.get(role) ?? []), key]);
  return roles;
}

function rolesOpenToOthers(
  { trusts }: Account,
  expected: ExpectedReaders,
  { environment, account }: { environment: string; account: string },
): AuditFinding[] {
  const readers = keysByRole(expected);
  const roles = [...trusts].flatMap(([role, trust]) => {
    const keys = readers.get(role);
    if (!keys && !isOwnFunction(role, account, environment)) return [];
    return [{ role, keys: keys ?? [], outsiders: outsidersOf(trust, account) }];
  });
  return findOpenRoles(roles, expected);
}
