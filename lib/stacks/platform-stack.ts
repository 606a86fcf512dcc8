// Here stand the stacks, and what a platform stack holds besides functions, secrets and alarms.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { hasIssuer } from '../../connectors/contract/connector';
import { specsOf } from '../../core/key/key-spec';
import { alarmsToldUnrendered } from '../../core/notices/alarms/platform-alarms';
import { teamAttribute } from '../../core/notices/forms/message';
import { PeopleTold } from '../alarms/people-told';
import { KeyAges, RotationNotices } from '../alarms/rotation-notices';
import { Undelivered } from '../alarms/undelivered';
import { functionsCode } from '../bundling/functions-code';
import { platformRoleArns } from '../config/aws/arns';
import { keyArnExport, platformStackName } from '../config/aws/names';
import { type Environment, keysOf, providersInUse, rotatingProviders, teamMailboxes } from '../config/config';
import { tokenPlaces } from '../config/keys/delivery-places';
import { type ProviderName, providers } from '../config/providers';
import { AuditFunction } from '../functions/audit-function';
import { addDeliverFunction } from '../functions/deliver-function';
import { RemovalGuard } from '../functions/removal-guard';
import { RetireFunction } from '../functions/retire-function';
import { RotationFunction } from '../functions/rotation-function';
import { TellFunction } from '../functions/tell-function';
import { expectedReaders } from '../permissions/audit-access';
import { EnvironmentKey } from '../secrets/environment-key';
import { IssuerSecret } from '../secrets/issuer-secret';
import { placeToken } from '../secrets/place-token';
import { followAccountRules } from './account-rules';
import { EnvironmentDashboard } from './dashboard';
import { IncidentHandling } from './incident-handling';
import { NoticeTopic } from './notice-topic';

export interface PlatformStackProps {
  /** As `validateConfig` gave it. */
  readonly environment: Environment;
}

/** What the servers of one environment share. Deployed before their stacks, which refer to it by name. */
export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, { environment }: PlatformStackProps) {
    super(scope, id, {
      env: { account: environment.account, region: environment.region },
      stackName: platformStackName(environment.name),
      description: `Keyturn in ${environment.name}: rotates and retires the API keys of MCP servers`,
      terminationProtection: environment.terminationProtection,
    });
    followAccountRules(this, environment, environment.tags);
    const environmentKey = new EnvironmentKey(this, 'EnvironmentKey', { environment });
    const kmsKeyArn = environmentKey.key.keyArn;
    new CfnOutput(this, 'KeyArn', { value: kmsKeyArn, exportName: keyArnExport(environment.name) });
    const topicOf = { environment, key: environmentKey.key };
    const alarmsTopic = new NoticeTopic(this, 'Alarms', {
      ...topicOf,
      name: 'alarms',
      alarms: [`keyturn-${environment.name}-*`],
    });
    const oncallTopic = new NoticeTopic(this, 'Oncall', {
      ...topicOf,
      name: 'oncall',
      tellers: platformRoleArns(this, environment),
    });
    const fallbackTopic = new NoticeTopic(this, 'Fallback', {
      environment,
      name: 'fallback',
      alarms: alarmsToldUnrendered(environment.name),
    });
    const oncall = oncallTopic.topic;
    const undelivered = new Undelivered(this, 'Undelivered', { environment });
    for (const email of environment.notify.emails)
      for (const { topic } of [oncallTopic, fallbackTopic])
        topic.addSubscription(new EmailSubscription(email));
    for (const [email, teams] of teamMailboxes(environment)) {
      const filterPolicy = { [teamAttribute]: SubscriptionFilter.stringFilter({ allowlist: teams }) };
      oncall.addSubscription(new EmailSubscription(email, { filterPolicy }));
    }

    const specs = specsOf(keysOf(environment));
    const code = functionsCode(providersInUse(environment), {
      keys: specs,
      readers: expectedReaders(environment),
    });
    const issuerArns = new Map<ProviderName, string>();
    for (const provider of providersInUse(environment)) {
      if (!hasIssuer(providers[provider])) continue;
      const issuer = new IssuerSecret(this, `Issuer-${provider}`, { environment, provider, kmsKeyArn });
      issuerArns.set(provider, issuer.secretArn);
    }
    for (const provider of rotatingProviders(environment)) {
      const issuerArn = issuerArns.get(provider);
      new RotationFunction(this, `Rotation-${provider}`, {
        environment,
        provider,
        code,
        kmsKeyArn,
        issuerArn,
      });
    }
    const tokenArns = tokenPlaces(environment).map(
      place => placeToken(this, environment, place, kmsKeyArn).secretArn,
    );
    const shared = { environment, code, kmsKeyArn, issuerArns, tokenArns };
    new RetireFunction(this, 'Retire', shared);
    new AuditFunction(this, 'Audit', shared);
    addDeliverFunction(this, shared);
    const guard = new RemovalGuard(this, 'RemovalGuard', { environment, code, kmsKeyArn, specs });
    const watched = { environment: environment.name, runbook: environment.notify.runbook };
    new KeyAges(this, 'KeyAges', watched);
    const incidents = new IncidentHandling(this, 'Containment', { ...shared, guardArn: guard.functionArn });
    const { functionArn: teller } = new TellFunction(this, 'Tell', shared);
    new PeopleTold(this, 'PeopleTold', watched);
    new RotationNotices(this, 'RotationNotices', { environment: environment.name, teller });
    new EnvironmentDashboard(this, 'Dashboard', { environment });

    // The others name the alias, the topics and the queue as text: CloudFormation sees no reference in that, and could begin with them.
    const first: Construct[] = [environmentKey, alarmsTopic, oncallTopic, fallbackTopic];
    const named = [...environmentKey.made, alarmsTopic.topic, oncall, fallbackTopic.topic];
    for (const child of this.node.children)
      if (child instanceof Construct && !first.includes(child))
        child.node.addDependency(...named, ...(child === undelivered ? [] : [undelivered.queue]));
    incidents.trail?.beginAfter(...this.node.children.filter(child => child !== incidents));
  }
}
