// What others have in the account before Keyturn is deployed into it: roles, a trail, and what the configuration names by its ARN,
// with policies that say what `keyturn grants` prints.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsModel } from '@keyturn/aws-model/model';
import { globalArnIn } from '@keyturn/aws-model/shared/arn';
import type { PolicyEngine } from '@keyturn/iam/engine';
import { federationPolicyName } from '../../../lib/config/aws/names';
import { type Environment, federationsOf, type Server } from '../../../lib/config/config';
import type { Grants } from '../../../lib/stacks/grants';
import { needed } from '../needed';
import { deployerRole } from './stacks';

/** In the assembly's directory. */
export const grantsFile = 'grants.json';

/** What administrators and deployers of an account usually may do; what Keyturn's resources then refuse them is the point. */
const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** By whoever in the account has leave. */
function assumedByAccount(environment: Environment): object {
  const Principal = { AWS: globalArnIn(environment, 'iam', 'root') };
  return { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
}

/** What the team attaches to the role of a server that has federations. */
function policiesFor(environment: Environment, { name, federations }: Server): string[] {
  if (!federations.length) return [];
  return [globalArnIn(environment, 'iam', `policy/${federationPolicyName(environment.name, name)}`)];
}

export function prepareAccount(
  { model, engine }: { model: AwsModel; engine: PolicyEngine },
  environment: Environment,
  assemblyDirectory: string,
): void {
  const { admins, servers, trail, kmsKey } = environment;
  const grants = () => JSON.parse(readFileSync(join(assemblyDirectory, grantsFile), 'utf8')) as Grants;
  const addRole = (arn: string, documents: readonly object[], attached: readonly string[] = []) => {
    engine.addForeignRole(arn, [...documents], attached);
    // Those of other accounts are not told of here.
    if (arn.split(':')[4] !== environment.account) return;
    const inline = documents.map((document, place) => ({ name: `policy-${place + 1}`, document }));
    model.iam.addRole({ arn, inline, attached, trust: assumedByAccount(environment) });
  };
  for (const server of servers)
    if (!server.assumedBy) addRole(server.role, [], policiesFor(environment, server));
  // Whoever administers the account turns it on, once.
  model.webIdentity.isEnabled = federationsOf(environment).length > 0;
  // In another account the role's own policy has to allow it, too.
  if (servers.some(({ assumedBy }) => assumedBy))
    for (const { to, statements } of grants().serverRoles) addRole(to, [{ Statement: statements }]);
  for (const role of [...admins, deployerRole(assemblyDirectory, environment)]) addRole(role, [everything]);
  // What many an account holds besides.
  model.parameters.put({ name: '/team/endpoint', type: 'String', value: 'https://mcp.example.com' });
  model.taskDefinitions.register('web', { containerDefinitions: [{ name: 'web', image: 'web:1' }] });
  const { topics = [] } = environment.notify;
  if (topics.length) {
    const { topics: policies, topicKeys } = grants();
    for (const { arn, kmsKey: kmsKeyId } of topics) {
      const statements = policies.flatMap(({ to, statements }) => (to === arn ? statements : []));
      const [, , , , home, name = ''] = arn.split(':');
      model.topics.addTopic({
        name,
        account: home,
        kmsKeyId,
        policy: JSON.stringify({ Statement: statements }),
      });
      model.topics.subscribe({ topicArn: arn, protocol: 'email', endpoint: `${name}@example.com` });
    }
    for (const { to, statements } of topicKeys)
      model.kms.add({ arn: to, policy: JSON.stringify({ Statement: statements }) });
  }
  if (trail === 'exists')
    model.cloudTrail.addTrail({ name: 'of-the-account', readEvents: true, isMultiRegion: true });
  if (!kmsKey) return;
  const { statements, unused } = needed(grants().kmsKey, `what the policy of ${kmsKey.arn} needs`);
  // As KMS makes keys: the account's own policies say who may use them.
  const byAccount = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: globalArnIn(environment, 'iam', 'root') },
    Action: 'kms:*',
    Resource: '*',
  };
  model.kms.add({ arn: kmsKey.arn, policy: JSON.stringify({ Statement: [byAccount, ...statements] }) });
  engine.addResourcePolicy(kmsKey.arn, {
    path: `policy of ${kmsKey.arn}`,
    document: { Statement: statements },
    unused,
  });
}
