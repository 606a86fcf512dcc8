import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnUrl, type Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  leakTokenSecretName,
  reporterTitles,
  type TokenScanner,
  tokenScanners,
} from '../../core/leaks/leak-report';
import { NoticeAlarm } from '../alarms/notice-alarm';
import { functionRoleArn } from '../config/aws/arns';
import { functionName } from '../config/aws/names';
import type { Environment, LeakReports } from '../config/config';
import { deployersOf } from '../config/deployers';
import { providerGroups } from '../config/provider-groups';
import { tellsEventBus } from '../permissions/event-access';
import { keySecrets } from '../permissions/provider-policies';
import { GuardedSecret } from '../secrets/guarded-secret';
import { KeyturnFunction } from './keyturn-function';

export interface LeakFunctionProps {
  readonly environment: Environment;
  readonly leakReports: LeakReports;
  readonly code: Code;
  readonly kmsKeyArn: string;
  readonly tableArn: string;
}

/** So many reports at once, and no more: what floods the URL takes nothing from other functions, and costs no more than these. */
const reportsAtOnce = 5;

/** Takes reports of leaked keys: from scanners at a URL that everybody may call, and from admins. */
export class LeakFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, leakReports, code, kmsKeyArn, tableArn }: LeakFunctionProps,
  ) {
    super(scope, id);
    const { name, notify } = environment;
    const tokens = tokenScanners
      .filter(scanner => leakReports.from.includes(scanner))
      .map(scanner => this.signingToken(environment, scanner, kmsKeyArn));
    const noReport = 'On a normal day nobody reports a leak.';
    const isOpen = leakReports.from.length > 0;
    const { function: report } = new KeyturnFunction(this, 'Report', {
      environment,
      name: 'leak-report',
      entry: 'leak-report',
      code,
      kmsKeyArn,
      description: `Takes reports of leaked keys of ${name}, and orders their containment`,
      timeout: Duration.minutes(1),
      // A report is compared with every key of the environment while its sender waits.
      memorySize: 2048,
      reservedConcurrency: reportsAtOnce,
      calledBy: [],
      invokers: environment.admins,
      isPublic: isOpen,
      statements: [
        // GitHub signs by a key of its own.
        ...(tokens.length
          ? [
              new PolicyStatement({
                sid: 'SigningTokens',
                actions: ['secretsmanager:GetSecretValue'],
                resources: tokens.map(({ secretArn }) => secretArn),
              }),
            ]
          : []),
        new PolicyStatement({
          sid: 'WritesSignals',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [tableArn],
          conditions: {
            // Without it, a call that tells no key would do.
            Null: { 'dynamodb:LeadingKeys': 'false' },
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['leak', 'signal'] },
          },
        }),
        tellsEventBus(this, 'RaisesSignals'),
      ],
      providers: {
        groups: providerGroups(environment, 'leak-report'),
        statements: group => [
          new PolicyStatement({
            sid: 'Keys',
            actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            resources: keySecrets(this, name, group),
          }),
        ],
      },
      wildcards: {},
      unused: {
        Keys: noReport,
        SigningTokens: noReport,
        WritesSignals: noReport,
        RaisesSignals: noReport,
        OwnLog: noReport,
      },
      variables: { KEYTURN_LEAK_SCANNERS: JSON.stringify(leakReports.from) },
    });
    new NoticeAlarm(this, 'Failed', {
      alarm: { kind: 'leak-reports-failed', environment: name },
      runbook: notify.runbook,
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: { FunctionName: functionName(name, 'leak-report') },
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
    });
    if (!isOpen) return;
    // Reports prove themselves by their signatures, which the function checks: no scanner has credentials of AWS.
    const url = new CfnUrl(this, 'Url', { targetFunctionArn: report.functionArn, authType: 'NONE' });
    new CfnOutput(this, 'UrlOutput', {
      value: url.attrFunctionUrl,
      description: 'Where scanners send reports of leaked keys',
    }).overrideLogicalId('LeakReportsUrl');
  }

  /** Under which a scanner signs what it sends; set with `keyturn leaked set-token`. */
  private signingToken(environment: Environment, scanner: TokenScanner, kmsKeyArn: string): GuardedSecret {
    const { name, policy, admins } = environment;
    const title = reporterTitles[scanner];
    const secret = new GuardedSecret(this, `Token-${scanner}`, {
      kmsKeyArn,
      secretName: leakTokenSecretName(name, scanner),
      description: `The token under which ${title} signs its reports of leaked keys of ${name}. Set with \`npx keyturn leaked set-token\`.`,
      policy,
      access: {
        readers: [functionRoleArn(this, environment, 'leak-report')],
        writers: [],
        deployers: deployersOf(this, environment),
        admins,
      },
      tags: { environment: name, scanner },
    });
    Validations.of(secret.resource).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: `A person makes the token in ${title} and sets it with \`npx keyturn leaked set-token\`; no API could rotate it.`,
    });
    return secret;
  }
}
