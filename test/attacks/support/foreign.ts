// Somebody else's role in the account with rights of its own, and resource policies as the guards that stop it.

import { type AttackContext, account } from '../attack';
import type { Guard, TemplateResource } from '../guards';

/** Adds a role that may do those actions with everything. @returns settings for clients of it */
export function foreignRole({ world }: AttackContext, actions: string[], name = 'developer') {
  const arn = `arn:aws:iam::${account}:role/${name}`;
  world.engine.addForeignRole(arn, [
    { Statement: [{ Sid: 'Own', Effect: 'Allow', Action: actions, Resource: '*' }] },
  ]);
  return world.clientSettings(arn, 'mallory');
}

/** Tries what may be denied. @returns what came; `undefined` where it was denied */
export async function unlessDenied<T>(
  { world }: AttackContext,
  send: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await world.clock.runWhile(send);
  } catch (error) {
    if (
      [
        'AccessDeniedException',
        'AccessDenied',
        'AuthorizationErrorException',
        'KMSAccessDeniedException',
      ].includes((error as Error).name)
    )
      return undefined;
    throw error;
  }
}

interface Statement {
  Sid?: string;
  Effect: string;
  Condition?: Record<string, Record<string, unknown>>;
}

const policyOf: Record<string, (resource: TemplateResource) => { Statement: Statement[] } | undefined> = {
  'AWS::Lambda::ResourcePolicy': ({ Properties }) => Properties.PolicyDocument,
  'AWS::DynamoDB::Table': ({ Properties }) => Properties.ResourcePolicy?.PolicyDocument,
  'AWS::SNS::TopicPolicy': ({ Properties }) => Properties.PolicyDocument,
  'AWS::SQS::QueuePolicy': ({ Properties }) => Properties.PolicyDocument,
  'AWS::SecretsManager::ResourcePolicy': ({ Properties }) => Properties.ResourcePolicy,
};

/** The denials in the policies of all resources of that type. @param change for each; gone where it is left out */
export function denials(
  type: keyof typeof policyOf & string,
  change?: (statement: Statement) => void,
): Guard {
  return statements(type, ({ Effect }) => Effect === 'Deny', change);
}

export function statements(
  type: keyof typeof policyOf & string,
  isMeant: (statement: Statement) => boolean,
  change?: (statement: Statement) => void,
): Guard {
  return {
    takeFromTemplates(resources) {
      const policies = Object.values(resources).flatMap(resource =>
        resource.Type === type ? (policyOf[type]?.(resource) ?? []) : [],
      );
      const meant = policies.flatMap(({ Statement }) => Statement.filter(isMeant));
      if (change) for (const statement of meant) change(statement);
      else for (const policy of policies) policy.Statement = policy.Statement.filter(one => !isMeant(one));
      return meant.length;
    },
  };
}
