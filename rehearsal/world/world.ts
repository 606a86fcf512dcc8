// One AWS account, the providers, and the functions of the synthesized templates, put together on one virtual clock.

import { usualRequestMs, VirtualClock } from '@keyturn/aws-model/clock/clock';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import type { InvocationResult } from '@keyturn/aws-model/lambda/invocation';
import { type AwsModel, createAwsModel, type Knobs } from '@keyturn/aws-model/model';
import type { AwsEvent } from '@keyturn/aws-model/shared/aws-event';
import type { OutsideMessage } from '@keyturn/aws-model/sns/fan-out';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { deploy } from '@keyturn/aws-model/template/deploy';
import type { Sites } from '@keyturn/aws-model/template/deployer';
import type { AwsFault, CallRecord, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { PolicyEngine } from '@keyturn/iam/engine';
import { type Environment, reachedProviders } from '../../lib/config/config';
import {
  type FakeProviders,
  type ProviderCall,
  type ProviderFault,
  type RecordedCall,
  startFakeProviders,
} from '../providers/fake-provider';
import { createPartners, withoutAwsRotations } from './account/aws-partners';
import { Identities } from './account/identities';
import { prepareAccount } from './account/others';
import { asDeployer, deployerRole, openStacks, type Stacks, stackNamesOf } from './account/stacks';
import { loadOwnDialects } from './configs/own-dialects';
import { LeakSearch } from './counts/leaks';
import { labelledSecrets, livingSecrets, secretToStore } from './counts/stored-values';
import { createFunctionLogs } from './function-logs';
import type { InvocationOutcome } from './function-sandbox';
import { LambdaRuntime } from './lambda-runtime';

/** Where requests take their time side by side. Milliseconds. */
const answersEveryMs = 40;

export interface WorldOptions {
  /** Directory of the cloud assembly. */
  assemblyDirectory: string;
  /** Which of its environments is played. */
  environment: Environment;
  start: Date;
  /** Decides everything left to chance. */
  seed: number;
  knobs?: Partial<Knobs>;
  /** By how much a host's clock is ahead of AWS's; negative where it is behind. A host is named as its function, or as its provider. @default 0 */
  aheadMs?(host: string): number;
  interceptAws?(call: InterceptedCall): AwsFault | undefined;
  interceptProvider?(call: ProviderCall): Promise<ProviderFault | undefined> | ProviderFault | undefined;
  onAwsCall?(record: CallRecord): void;
  onEvent?(event: AwsEvent): void;
  onMail?(message: OutsideMessage): void;
  /** Stands around every invocation of a function: told of it, and of its outcome; may repeat it. */
  aroundInvocation?(
    functionName: string,
    event: unknown,
    invoke: () => Promise<InvocationOutcome>,
  ): Promise<InvocationOutcome>;
  /** Told of every answer of a provider, after it changed the provider's books. */
  onProviderAnswer?(call: RecordedCall): void;
  /** Who may call, where their keys outlive this world. @default - nobody yet */
  identities?: Identities;
  /** Where AWS and the providers listen on loopback. @default - where there is room */
  ports?: Ports;
}

export interface Ports {
  aws: number;
  providers: number;
}

interface ClientSettings {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

export interface World {
  clock: VirtualClock;
  model: AwsModel;
  engine: PolicyEngine;
  providers: FakeProviders;
  runtime: LambdaRuntime;
  identities: Identities;
  ports: Ports;
  /** Every text that leaves functions, providers or AWS is searched for secrets as it is written. */
  leaks: LeakSearch;
  /** Region, endpoints and credentials of a role's session: all that an SDK client needs to reach this world. */
  sdkEnvironment(roleArn: string, sessionName: string, sourceIp?: string): Record<string, string>;
  /** The same as settings of one client, for a caller in this process. */
  clientSettings(roleArn: string, sessionName: string, sourceIp?: string): ClientSettings;
  /** Of the environment, in which all that was synthesized stands. */
  stacks: Stacks;
  /** Deploys the schedules of keys that AWS rotates, once they have a value: before, AWS may refuse them. */
  rotateByAws(): void;
  /** From now on requests take their time side by side, as where many are made at once; before, each moves the clock by itself. */
  takeRequestsAtOnce(): void;
  close(): Promise<void>;
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { environment, seed } = options;
  const clock = new VirtualClock(options.start);
  let requestsAtOnce = false;
  /** When a request that comes now is answered: those of one short while together, since every moment costs real time. */
  const rounded = (ms: number) => new Date(Math.ceil(ms / answersEveryMs) * answersEveryMs);
  const answered = () => clock.moment(rounded(clock.now().getTime() + usualRequestMs));
  const random = seededRandom(seed);
  const assembly = readAssembly(options.assemblyDirectory, stackNamesOf(environment), random);
  const { account, region } = assembly;
  const { atFirst, onceAdopted } = withoutAwsRotations(assembly);
  const engine = new PolicyEngine(account);
  const { ports, identities = new Identities({ account, region }) } = options;
  const leaks = new LeakSearch({
    now: () => clock.now(),
    living: () => livingSecrets(model, providers, environment),
  });

  const providers = await startFakeProviders({
    clock: { now: () => clock.now(), park: ms => clock.hold(ms) },
    aheadMs: options.aheadMs,
    dialects: await loadOwnDialects(reachedProviders(environment)),
    get identities() {
      return [model.webIdentity];
    },
    port: ports?.providers,
    intercept: async call => {
      if (requestsAtOnce) await clock.holdUntil(answered());
      return options.interceptProvider?.(call);
    },
    observe: (_call, _reply, record) => options.onProviderAnswer?.(record),
    onPath: path => leaks.look('a path at a provider', path),
    onSecret: secret => leaks.learn(secret),
    labelled: () => labelledSecrets(model),
  });
  const model = createAwsModel({
    virtual: clock,
    random,
    account,
    region,
    identify: identities.identify,
    deployer: asDeployer(deployerRole(options.assemblyDirectory, environment)),
    authorize: engine.authorize,
    openSession: (roleArn, sessionName, { sourceIp }) => {
      const session = identities.credentials(roleArn, sessionName, sourceIp);
      return {
        AccessKeyId: session.AWS_ACCESS_KEY_ID,
        SecretAccessKey: session.AWS_SECRET_ACCESS_KEY,
        SessionToken: session.AWS_SESSION_TOKEN,
      };
    },
    rotatePartner: createPartners({ environment, providers, clock }),
    invokeLambda: async (functionArn, event, { requestId }) => {
      const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
      const invoke = () => runtime.invoke(functionName, event, requestId);
      const outcome = await (options.aroundInvocation?.(functionName, event, invoke) ?? invoke());
      return toResult(outcome);
    },
    intercept: call => {
      const stored = secretToStore(call);
      // A function may have made it.
      if (stored) leaks.learnLate(stored);
      return (
        options.interceptAws?.(call) ??
        (requestsAtOnce ? { kind: 'hang-before', until: answered() } : undefined)
      );
    },
    onCall: options.onAwsCall,
    onEvent: event => {
      leaks.look('an event', JSON.stringify(event));
      options.onEvent?.(event);
    },
    onMail: message => {
      leaks.look('a message to people', `${message.subject}\n${message.text}`);
      options.onMail?.(message);
    },
    knobs: options.knobs,
  });
  const { endpoint, close } = await model.listen(ports?.aws);
  const sdkEnvironment: World['sdkEnvironment'] = (roleArn, sessionName, sourceIp) => ({
    AWS_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...identities.credentials(roleArn, sessionName, sourceIp),
  });
  const clientSettings: World['clientSettings'] = (...caller) => {
    const variables = identities.credentials(...caller);
    return {
      region,
      endpoint,
      credentials: {
        accessKeyId: variables.AWS_ACCESS_KEY_ID,
        secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
        sessionToken: variables.AWS_SESSION_TOKEN,
      },
    };
  };
  const logs = createFunctionLogs({ model, engine, leaks, home: { account, region } });
  const runtime = new LambdaRuntime({
    clock,
    providerPort: providers.port,
    seed,
    aheadMs: functionName => options.aheadMs?.(functionName) ?? 0,
    platformEnvironment: ({ name, roleArn, handler, codeDirectory, isService, environment }) => ({
      ...sdkEnvironment(roleArn, name),
      // A server may run in another region.
      ...(isService && environment.AWS_REGION && { AWS_REGION: environment.AWS_REGION }),
      ...(!isService && { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      LAMBDA_TASK_ROOT: codeDirectory,
      _HANDLER: handler,
    }),
    onLogLine: logs.write,
  });

  for (const { keys, federations, role } of environment.servers) {
    for (const { address, spec } of keys) providers.register(address.provider, spec.settings, spec.scopes);
    const { issuer } = model.webIdentity;
    for (const { address, settings } of federations)
      providers.trust(address.provider, { settings, issuer, subject: role });
  }
  prepareAccount({ model, engine }, environment, options.assemblyDirectory);
  const closeAll = async () => {
    await runtime.close();
    await providers.close();
    await close();
    clock.close();
  };
  const sites: Sites = {
    model,
    engine,
    addFunction: definition => runtime.add(definition),
    readUnusedGrants: metadata =>
      (metadata.keyturn as { unused?: Record<string, string> } | undefined)?.unused,
  };
  try {
    deploy(atFirst, sites);
  } catch (error) {
    await closeAll();
    throw error;
  }

  return {
    clock,
    model,
    engine,
    providers,
    runtime,
    identities,
    ports: { aws: Number(new URL(endpoint).port), providers: providers.port },
    leaks,
    sdkEnvironment,
    clientSettings,
    stacks: openStacks(sites, random, assembly),
    rotateByAws: () => deploy(onceAdopted, sites),
    takeRequestsAtOnce() {
      requestsAtOnce = true;
      clock.letServersTakeTime();
    },
    close: closeAll,
  };
}

function toResult(outcome: InvocationOutcome): InvocationResult {
  if (outcome.ok) return { ok: true, payload: outcome.result };
  const { errorType = 'Error', errorMessage = '' } = outcome.error;
  return { ok: false, error: { errorType, errorMessage } };
}
