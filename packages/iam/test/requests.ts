// Requests to the policy engine as the tests of its rules write them: one role, one secret, one key.

import { PolicyEngine } from '../engine';
import type { AuthorizationRequest, Caller } from '../request';

export const account = '111111111111';
export const role = `arn:aws:iam::${account}:role/services/bot`;
export const session = `arn:aws:sts::${account}:assumed-role/bot/run-1`;
export const root = `arn:aws:iam::${account}:root`;
export const bot: Caller = { arn: session, kind: 'role', sessionName: 'run-1' };
export const sns: Caller = { arn: 'sns.amazonaws.com', kind: 'service', service: 'sns.amazonaws.com' };
export const rootUser: Caller = { arn: root, kind: 'root' };
export const person: Caller = { arn: `arn:aws:iam::${account}:user/ann`, kind: 'user' };

export const secret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:keyturn/prod/x/bot/main-AbCdEf`;
export const key = `arn:aws:kms:eu-west-1:${account}:key/1`;
export const read = 'secretsmanager:GetSecretValue';
export const decrypt = 'kms:Decrypt';

export type Written = Record<string, unknown>;
export interface Case {
  caller?: Caller;
  action?: string;
  resource?: string;
  identity?: Written[];
  onResource?: Written[];
  context?: AuthorizationRequest['context'];
  tags?: Record<string, string>;
}

export const may = (more: Written = {}) => ({ Effect: 'Allow', Action: read, Resource: '*', ...more });
export const mayNot = (more: Written = {}) => ({ ...may(more), Effect: 'Deny' });
export const to = (principal: unknown, more: Written = {}) => may({ Principal: principal, ...more });
export const notTo = (principal: unknown, more: Written = {}) => ({ ...to(principal, more), Effect: 'Deny' });
export const toKey = (principal: unknown, more: Written = {}) => to(principal, { Action: 'kms:*', ...more });
export const onKey = { action: decrypt, resource: key };
export const mayDecrypt = may({ Action: decrypt, Resource: key });

export function engineOf({ identity = [] }: Case): PolicyEngine {
  const engine = new PolicyEngine(account);
  engine.addRole(role, [{ path: 'stack/Role', document: { Statement: identity } }]);
  return engine;
}

export function ask(given: Case, engine = engineOf(given)) {
  const { caller = bot, action = read, resource = secret, onResource, context = {}, tags = {} } = given;
  const resourcePolicy = onResource && { resourcePolicy: { Statement: onResource } };
  return engine.authorize({ caller, action, resource, context, resourceTags: tags, ...resourcePolicy });
}

/** As policies write it. */
export const variable = (name: string) => `\${${name}}`;
export const isAllowed = (given: Case) => ask(given).allowed;
