// What others have to allow before an environment can be deployed: only they can write the policies of what is theirs.
import { App, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { context as featureFlags } from '../../cdk.json';
import { platformStackName } from '../config/aws/names';
import type { Environment } from '../config/config';
import { addedKeyPolicy, unusedKeyGrants } from '../secrets/key-policy';
import { topicKeyPolicy, topicPolicy } from './topic-grants';

/** A statement of a policy, as JSON. */
export type WrittenStatement = Record<string, unknown>;

/** What is added to the policy of one thing. */
export interface AddedPolicy {
  /** ARN of what the policy is of. */
  to: string;
  statements: WrittenStatement[];
  /** Of grants that a normal day does not use: Sid -> reason. */
  unused: Record<string, string>;
}

export interface Grants {
  /** To the policy of the environment's own KMS key. */
  kmsKey?: AddedPolicy;
  /** To the policies of topics that others made. */
  topics: AddedPolicy[];
  /** To the policies of the keys of such topics. */
  topicKeys: AddedPolicy[];
  /** To the policies of the roles that servers run as in other accounts. */
  serverRoles: (AddedPolicy & { server: string })[];
}

export function grantsOf(environment: Environment): Grants {
  const { name, account, region, kmsKey, servers } = environment;
  const { topics = [] } = environment.notify;
  const app = new App({ analyticsReporting: false, context: featureFlags });
  const stack = new Stack(app, platformStackName(name), { env: { account, region } });
  const added = (
    to: string,
    statements: PolicyStatement[],
    reasons: Record<string, string>,
  ): AddedPolicy => ({
    to,
    statements: statements.map(statement => stack.resolve(statement.toJSON()) as WrittenStatement),
    unused: Object.fromEntries(
      statements.flatMap(({ sid = '' }) =>
        Object.entries(reasons).flatMap(([end, reason]) => (sid.endsWith(end) ? [[sid, reason]] : [])),
      ),
    ),
  });
  return {
    topics: topics.map(topic => added(topic.arn, topicPolicy(stack, environment, topic), quietDay)),
    topicKeys: topics.flatMap(topic =>
      topic.kmsKey ? added(topic.kmsKey, topicKeyPolicy(stack, environment, topic), quietDay) : [],
    ),
    serverRoles: servers.flatMap(({ name: server, role, assumedBy }) =>
      assumedBy ? { server, ...added(assumedBy, [assumes(role)], {}) } : [],
    ),
    ...(kmsKey && {
      kmsKey: added(kmsKey.arn, addedKeyPolicy(stack, environment, kmsKey.admins), unusedKeyGrants),
    }),
  };
}

const quietDay = { KeyturnTells: 'A normal day has nothing to tell.' };

function assumes(role: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'KeyturnKeys',
    actions: ['sts:AssumeRole'],
    resources: [role],
  });
}
