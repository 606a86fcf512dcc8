// The parts of AWS that a key rotation app uses, as a local model on virtual time that unmodified SDK clients talk to.
//
// One account in one region, and of others what they hold of it: copies of secrets, and rules. `listen()` opens a loopback server; the AWS_ENDPOINT_URL_* variables point clients at it. The
// credential scope of a request's signature names the service, its access key id the caller (`identify`); signatures are not
// verified. Every call is put before the given policy engine with the resource, the condition keys and the resource
// policy that AWS would use. Templates are put in through each service's own way in (`secretsManager.createFromTemplate`,
// `functions.add`, ...). What AWS does not publish is a knob, never a constant. What is not modelled (a service, an
// operation, a parameter) is recorded in `violations` and answered with 501: a run with violations has failed.

import type { Authorize, Caller } from '@keyturn/iam/request';
import { createAgentCore } from './agentcore/agentcore';
import { hourMs, minuteMs } from './clock/time';
import type { Random, Virtual } from './clock/virtual';
import { createStackRegister } from './cloudformation/cloudformation';
import { createCustomResources } from './cloudformation/custom-resources';
import { createCloudTrail } from './cloudtrail/cloudtrail';
import { type AlarmKnobs, defaultAlarmKnobs } from './cloudwatch/alarms/alarms';
import { createCloudWatch, defaultMetricDelays, type MetricDelays } from './cloudwatch/cloudwatch';
import { createLogs } from './cloudwatch/logs';
import { createDynamoDb } from './dynamodb/dynamodb';
import { createServices } from './ecs/services';
import { createTaskDefinitions } from './ecs/task-definitions';
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge';
import { createIam } from './identity/iam';
import { createKms } from './identity/kms';
import { createSts, type SessionCredentials } from './identity/sts';
import { createWebIdentity } from './identity/web-identity';
import { createAsyncInvocations } from './lambda/async-invocations';
import { createConfiguredFunctions } from './lambda/configured-functions';
import { createFunctionUrls } from './lambda/function-url';
import { createFunctions } from './lambda/functions';
import type { InvokeLambda } from './lambda/invocation';
import { createLambdaApi } from './lambda/lambda-api';
import { createBuckets } from './s3/s3';
import type { RotatePartner } from './secrets-manager/partners';
import {
  createSecretsManager,
  defaultSecretKnobs,
  type SecretKnobs,
} from './secrets-manager/secrets-manager';
import type { AwsEvent } from './shared/aws-event';
import { createDeliver, type InterceptDelivery } from './shared/service-delivery';
import type { RecordMetric } from './shared/service-metric';
import type { OutsideMessage } from './sns/fan-out';
import { createTopics } from './sns/sns';
import { createQueues } from './sqs/sqs';
import { createParameters } from './ssm/parameters';
import { createAccess } from './wire/access';
import type { CallRecord, Intercept } from './wire/calls';
import { createThrottle } from './wire/quotas';
import { createWire } from './wire/wire';

export interface AwsModelParts {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  /** Whose access key that is; `undefined` for nobody's. */
  identify(accessKeyId: string): Caller | undefined;
  authorize: Authorize;
  /** The role through which stacks are deployed: CloudFormation calls functions with its permissions. @default - nobody deploys */
  deployer?: Caller;
  /** Makes credentials of a session of a role that a caller assumes. @default nobody assumes a role */
  openSession?(roleArn: string, sessionName: string, by: Caller): SessionCredentials;
  invokeLambda: InvokeLambda;
  intercept?: Intercept;
  /** Plays AWS's partners, whose secrets AWS rotates. @default - every such rotation fails */
  rotatePartner?: RotatePartner;
  interceptDelivery?: InterceptDelivery;
  onCall?: (record: CallRecord) => void;
  /** Told of every event that reaches the bus. */
  onEvent?: (event: AwsEvent) => void;
  /** Told of every message that leaves AWS. */
  onMail?: (message: OutsideMessage) => void;
  knobs?: Partial<Knobs>;
}

export interface Knobs {
  secretsManager: Partial<SecretKnobs>;
  /** From a call to its event in EventBridge. Milliseconds. @default two minutes */
  cloudTrailDelayMs: number;
  metricDelaysMs: Partial<MetricDelays>;
  alarms: Partial<AlarmKnobs>;
  /** How long a DynamoDB item outlives its time to live. Milliseconds. @default an hour */
  ttlDelayMs: number;
  /** Chance that SNS or Lambda delivers once more than once. @default 0 */
  duplicateChance: number;
  /** Answers tell dates without milliseconds, as some emulators do and AWS may. @default false */
  wholeSecondDates: boolean;
  /** Enforces AWS's request quotas. @default false */
  quotas: boolean;
}

export type AwsModel = ReturnType<typeof createAwsModel>;

export function createAwsModel(parts: AwsModelParts) {
  const { virtual, knobs = {} } = parts;
  const { cloudTrailDelayMs = 2 * minuteMs, duplicateChance = 0, ttlDelayMs = hourMs } = knobs;
  const recordMetric: RecordMetric = point => cloudWatch.recordMetric(point);
  const access = createAccess(parts);
  const kms = createKms({ ...parts, access });
  const shared = { ...parts, access, kms, recordMetric, duplicateChance };

  const deliver = createDeliver({
    ...parts,
    receivers: {
      lambda: (arn, { body }, by) => invocations.accept(arn, JSON.parse(body) as unknown, by),
      sns: (...delivery) => topics.publish(...delivery),
      sqs: (...delivery) => queues.send(...delivery),
      events: (...delivery) => eventBridge.receive(...delivery),
    },
  });
  const queues = createQueues(shared);
  const functions = createFunctions(shared);
  const configuredFunctions = createConfiguredFunctions({ ...shared, functions });
  const functionUrls = createFunctionUrls({ ...shared, functions });
  const invocations = createAsyncInvocations({ ...shared, functions, deliver });
  const topics = createTopics({ ...shared, deliver });
  const eventBridge = createEventBridge({ ...shared, deliver });
  const otherBuses = new Map<string, EventBridge>();
  /** Of another region there is the bus alone: its metrics are nobody's here. */
  function eventBridgeIn(region: string): EventBridge {
    if (region === parts.region) return eventBridge;
    const bus =
      otherBuses.get(region) ?? createEventBridge({ ...shared, region, deliver, recordMetric: () => {} });
    otherBuses.set(region, bus);
    return bus;
  }
  const cloudWatch = createCloudWatch({
    ...shared,
    deliver,
    publish: eventBridge.publish,
    delays: { ...defaultMetricDelays, ...knobs.metricDelaysMs },
    alarmKnobs: { ...defaultAlarmKnobs, ...knobs.alarms },
  });
  const dynamoDb = createDynamoDb({ ...shared, ttlDelayMs });
  const buckets = createBuckets(shared);
  const cloudTrail = createCloudTrail({
    ...shared,
    delayMs: cloudTrailDelayMs,
    emit: event => eventBridgeIn(event.region).publish(event),
    writeFile: buckets.put,
  });
  const secretsManager = createSecretsManager({
    ...shared,
    functions,
    knobs: { ...defaultSecretKnobs, ...knobs.secretsManager },
    mayAssume: (...asked) => sts.mayAssume(...asked),
    ended: (call, outcome) => cloudTrail.recordCall(call, outcome),
    announce: (eventName, secretArn, token, errorMessage) =>
      cloudTrail.recordServiceEvent({
        service: 'secretsmanager',
        eventName,
        requestId: `Rotation-${secretArn}-${token}`,
        additionalEventData: { SecretId: secretArn },
        errorMessage,
      }),
  });
  const customResources = createCustomResources({ ...shared, invocations });
  const stackRegister = createStackRegister(shared);
  const webIdentity = createWebIdentity(shared);
  const sts = createSts({ ...shared, webIdentity });
  const iam = createIam({ ...shared, webIdentity });
  const parameters = createParameters(shared);
  const agentCore = createAgentCore(shared);
  const logs = createLogs(shared);
  const ecsServices = createServices(shared);
  const taskDefinitions = createTaskDefinitions({ ...shared, services: ecsServices });
  const services = [
    stackRegister.service,
    secretsManager.service,
    eventBridge.service,
    cloudWatch.service,
    dynamoDb.service,
    cloudTrail.service,
    topics.service,
    queues.service,
    createLambdaApi({ ...shared, functions, configured: configuredFunctions, invocations }),
    sts.service,
    kms.service,
    iam.service,
    parameters.service,
    agentCore.service,
    logs.service,
    taskDefinitions.service,
    buckets.service,
  ];
  const wire = createWire({
    ...parts,
    services,
    takeAnswer: customResources.takeAnswer,
    wholeSecondDates: knobs.wholeSecondDates,
    throttle: knobs.quotas ? createThrottle(virtual) : undefined,
    ended(call, outcome) {
      const service = services.find(({ name }) => name === call.service);
      if (service?.isTrailed?.(call.operation)) cloudTrail.recordCall(call, outcome);
    },
  });
  return {
    secretsManager,
    eventBridge,
    eventBridgeIn,
    cloudWatch,
    logs,
    dynamoDb,
    topics,
    queues,
    functions,
    configuredFunctions,
    functionUrls,
    kms,
    sts,
    webIdentity,
    iam,
    parameters,
    agentCore,
    taskDefinitions,
    ecsServices,
    buckets,
    cloudTrail,
    customResources,
    stackRegister,
    listen: wire.listen,
    calls: wire.calls,
    violations: wire.violations,
  };
}
