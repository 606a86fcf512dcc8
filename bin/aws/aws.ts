// AWS as one environment's account and region, reached with whatever credentials the shell has. Endpoint variables
// (AWS_ENDPOINT_URL_*) lead it to the rehearsal. This folder holds what commands ask of AWS and order there.
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsWaits } from '../../client/keys/aws-client';
import { hasCode, KeyturnError } from '../../core/errors';
import { type KeySpecs, specsOf } from '../../core/key/key-spec';
import { keyAlias } from '../../lib/config/aws/names';
import { type Environment, keysOf } from '../../lib/config/config';
import { explainAwsError } from './aws-errors';
import { actionOf, keepWithinLimits } from './limits';

/** Calls throw KeyturnErrors. */
export interface Aws {
  readonly environment: Environment;
  /** Of the keys that the configuration has there. */
  readonly specs: KeySpecs;
  /** ARN of whoever is logged in. */
  readonly caller: string;
  /** A dry run: no client makes a call that changes something. */
  readonly isDryRun: boolean;
  readonly secretsManager: SecretsManagerClient;
  /** The ARN of the environment's KMS key, asked once; `undefined` where the platform stack is not deployed. */
  kmsKeyArn(): Promise<string | undefined>;
}

/** Many keys at once may meet the request quotas: then wait, and go on. A call that is never answered ends, and is explained. */
const retries = { maxAttempts: 8, requestHandler: awsWaits(30_000) };

/** Who is logged in. */
export interface Caller {
  account: string;
  arn: string;
}

/** @param region whose STS is asked: an account is the same in all of its partition */
export async function askCaller(region: string): Promise<Caller> {
  const sts = explained(new STSClient({ region, ...retries }), 'sts');
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return {
    account: answered(Account, 'Account', 'GetCallerIdentity'),
    arn: answered(Arn, 'Arn', 'GetCallerIdentity'),
  };
}

/** @throws {KeyturnError} not-allowed */
export function requireAccount(environment: string, account: string, caller: Caller): void {
  if (caller.account === account) return;
  throw new KeyturnError(
    'not-allowed',
    `${environment} is in account ${account}, but your AWS credentials are for ${caller.account} (${caller.arn}); log in to ${account}, name its profile with --profile, or choose another --env`,
  );
}

/**
 * To be called before anything is asked of a person.
 * @throws {KeyturnError} not-allowed, where the credentials are another account's: nothing is then asked of it
 */
export async function connect(environment: Environment, { dryRun = false } = {}): Promise<Aws> {
  const { region } = environment;
  const caller = await askCaller(region);
  requireAccount(environment.name, environment.account, caller);
  const secretsManager = explained(
    new SecretsManagerClient({ region, ...retries }),
    'secretsmanager',
    dryRun,
  );
  const specs = specsOf(keysOf(environment));
  let kmsKeyArn: Promise<string | undefined> | undefined;
  return {
    environment,
    specs,
    caller: caller.arn,
    isDryRun: dryRun,
    secretsManager,
    kmsKeyArn() {
      kmsKeyArn ??= askKmsKey(environment);
      return kmsKeyArn;
    },
  };
}

async function askKmsKey({ name, region, kmsKey }: Environment): Promise<string | undefined> {
  const kms = explained(new KMSClient({ region, ...retries }), 'kms');
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: kmsKey?.arn ?? keyAlias(name) }));
    return answered(KeyMetadata?.Arn, 'KeyMetadata.Arn', 'DescribeKey');
  } catch (error) {
    if (hasCode(error, 'not-deployed')) return undefined;
    throw error;
  }
}

/**
 * A client of another service, in the same account.
 * @param region @default - the environment's
 * @param answersWithinMs how long a call may take. @default 30 seconds
 */
export function clientOf<Client extends { middlewareStack: unknown }>(
  { environment, isDryRun }: Aws,
  Client: new (settings: { region: string } & typeof retries) => Client,
  service: string,
  { region = environment.region, answersWithinMs }: { region?: string; answersWithinMs?: number } = {},
): Client {
  const waits = answersWithinMs === undefined ? {} : { requestHandler: awsWaits(answersWithinMs) };
  return explained(new Client({ region, ...retries, ...waits }), service, isDryRun);
}

/** A field that AWS always sends, and that the SDK's types call optional. @throws {KeyturnError} bad-reply */
export function answered<Value>(value: Value | undefined, field: string, call: string): Value {
  if (value !== undefined) return value;
  throw new KeyturnError(
    'bad-reply',
    `AWS answered ${call} without ${field}; run this again, and report it if it stays so`,
  );
}

/** What such calls are named changes nothing. */
const reads = /^(Get|List|Describe|Query)/;

/** Every failure of a client in words, at the one place that all its calls pass. */
function explained<Client extends { middlewareStack: unknown }>(
  client: Client,
  service: string,
  isDryRun = false,
): Client {
  const stack = client.middlewareStack as SecretsManagerClient['middlewareStack'];
  stack.add(
    (next, { commandName = 'a call' }) =>
      async args => {
        keepWithinLimits(actionOf(service, commandName), args.input);
        if (isDryRun && !reads.test(commandName))
          throw new KeyturnError('refused', `a dry run must not call ${commandName}; please report this`);
        try {
          return await next(args);
        } catch (error) {
          throw explainAwsError(error, commandName, args.input, service);
        }
      },
    { step: 'initialize', name: 'explainErrors' },
  );
  return client;
}
