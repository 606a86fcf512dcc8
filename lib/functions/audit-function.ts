import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ScheduledRun } from '../alarms/scheduled-run';
import { keptIfUndelivered } from '../alarms/undelivered';
import { tableArn } from '../config/aws/arns';
import { ruleName } from '../config/aws/names';
import { type Environment, providersInUse } from '../config/config';
import { deployersOf } from '../config/deployers';
import { providerGroups } from '../config/provider-groups';
import { namesKeys, type ProviderName, providers } from '../config/providers';
import {
  seesAccount,
  unusedOfAccount,
  variablesOfAccount,
  wildcardsOfAccount,
} from '../permissions/audit-access';
import { calledByRule } from '../permissions/function-policy';
import { peopleVariables, tellsPeople, unusedToTell } from '../permissions/people-access';
import { issuerSecrets, keySecrets } from '../permissions/provider-policies';
import type { IssuerArns } from '../secrets/issuer-secret';
import { DeadLetters } from './dead-letters';
import { KeyturnFunction } from './keyturn-function';

export interface AuditFunctionProps {
  readonly environment: Environment;
  readonly code: Code;
  readonly kmsKeyArn: string;
  readonly issuerArns: IssuerArns;
  /** Of secrets with tokens of places. */
  readonly tokenArns: string[];
}

/** Looks over all keys of its environment, every week and whenever `keyturn audit` asks. It changes no key, and nothing that others use. */
export class AuditFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, code, kmsKeyArn, issuerArns, tokenArns }: AuditFunctionProps,
  ) {
    super(scope, id);
    const { name } = environment;
    const { queue } = new DeadLetters(this, 'DeadLetters', { environment, name: 'audit' });
    const { function: audit } = new KeyturnFunction(this, 'Audit', {
      environment,
      name: 'audit',
      entry: 'audit',
      code,
      kmsKeyArn,
      description: `Looks over all keys of ${name}, every week and when asked; changes nothing`,
      // Providers are asked no faster than they take it.
      timeout: Duration.minutes(15),
      memorySize: 1024,
      calledBy: [calledByRule(this, 'Daily', name, 'audit-daily')],
      invokers: [...environment.admins, ...(environment.auditors ?? []), ...deployersOf(this, environment)],
      statements: [
        ...this.statements(environment, queue.queueArn),
        ...seesAccount(this, environment, kmsKeyArn),
        new PolicyStatement({
          sid: 'PlaceTokens',
          actions: ['secretsmanager:GetResourcePolicy'],
          resources: tokenArns,
        }),
      ],
      providers: {
        groups: providerGroups(environment, 'audit'),
        statements: group => this.providerStatements(environment, issuerArns, group),
      },
      wildcards: wildcardsOfAccount(this),
      unused: {
        ...unusedOfAccount,
        ...unusedToTell(environment),
        KnowsWhatWasMade:
          'Read only of keys that a provider lists and no secret holds, or the other way round.',
        KnowsWhatIsContained: 'Read only of keys that a provider lists and no secret holds any more.',
        OwnDeadLetters: 'Lambda sends there when three runs in a row fail; on a normal day none does.',
      },
      variables: {
        KEYTURN_PROVIDERS: JSON.stringify(providersInUse(environment)),
        ...peopleVariables(this, environment),
        ...variablesOfAccount(this, environment),
      },
      deadLetterQueue: queue,
    });
    const rule = ruleName(name, 'audit-daily');
    new CfnRule(this, 'Daily', {
      name: rule,
      description: `Looks over all keys of ${name} once a week, and again the next day where something could not be looked at`,
      // Before the day begins in Europe, and after it ended in America.
      scheduleExpression: 'cron(0 4 * * ? *)',
      targets: [{ id: 'audit', arn: audit.functionArn, ...keptIfUndelivered(this, name) }],
    });
    new ScheduledRun(this, 'Missing', {
      environment: name,
      what: 'audit',
      every: 'day',
      runbook: environment.notify.runbook,
      rule,
    });
  }

  private providerStatements(
    environment: Environment,
    issuerArns: IssuerArns,
    group: readonly ProviderName[],
  ): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'Keys',
        actions: [
          'secretsmanager:GetSecretValue',
          'secretsmanager:GetResourcePolicy',
          'secretsmanager:ListSecretVersionIds',
        ],
        resources: keySecrets(this, environment.name, group),
      }),
      new PolicyStatement({
        sid: 'IssuerCredentials',
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:GetResourcePolicy'],
        resources: issuerSecrets(issuerArns, group),
      }),
      ...this.knowsAttempts(environment, group),
    ];
  }

  private knowsAttempts({ name }: Environment, group: readonly ProviderName[]): PolicyStatement[] {
    const named = group.filter(provider => namesKeys(providers[provider]));
    if (!named.length) return [];
    return [
      new PolicyStatement({
        sid: 'KnowsWhatWasMade',
        actions: ['dynamodb:GetItem'],
        resources: [tableArn(this, name)],
        conditions: {
          // Without it, a call that tells no key would do.
          Null: { 'dynamodb:LeadingKeys': 'false' },
          'ForAllValues:StringLike': {
            'dynamodb:LeadingKeys': named.map(provider => `attempt#${name}/${provider}/*`),
          },
        },
      }),
    ];
  }

  private statements(environment: Environment, queueArn: string): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'FindsKeys',
        actions: ['secretsmanager:ListSecrets'],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'KnowsWhatIsContained',
        actions: ['dynamodb:GetItem'],
        resources: [tableArn(this, environment.name)],
        conditions: {
          Null: { 'dynamodb:LeadingKeys': 'false' },
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['key'] },
        },
      }),
      new PolicyStatement({
        sid: 'KnowsWhatWasTold',
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [tableArn(this, environment.name)],
        conditions: {
          Null: { 'dynamodb:LeadingKeys': 'false' },
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['audit'] },
        },
      }),
      ...tellsPeople(this, environment),
      new PolicyStatement({ sid: 'OwnDeadLetters', actions: ['sqs:SendMessage'], resources: [queueArn] }),
    ];
  }
}
