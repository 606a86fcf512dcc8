// AWS clients as processes hold them that run for months: calls end in time, credentials that were renewed where they come from
// are found, and errors say what was called.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { type ErrorCode, KeyturnError } from '../../core/errors';

/** How long an AWS client waits for a connection, and for an answer; SDK clients wait for ever where nothing is said. */
export function awsWaits(answerMs: number) {
  return {
    connectionTimeout: 1_000,
    requestTimeout: answerMs,
    // Without it, the SDK only warns.
    throwOnRequestTimeout: true,
    // An answer that stops in the middle.
    socketTimeout: answerMs,
  };
}

interface ClientSettings {
  requestHandler: ReturnType<typeof awsWaits>;
  credentials: ReturnType<typeof defaultProvider>;
  region?: string;
}

/** What this file needs of a client of the AWS SDK, whatever its service. */
interface AwsClient {
  config: { credentials(options?: { forceRefresh: true }): Promise<{ accessKeyId: string }> };
  middlewareStack: unknown;
}

/**
 * @param answerMs how long a call may take
 * @param region @default - as AWS SDKs find it
 */
export function createAwsClient<Client extends AwsClient>(
  Client: new (settings: ClientSettings) => Client,
  answerMs: number,
  region?: string,
): Client {
  // Read from the file whenever it is asked: the SDK would keep what the file said first for as long as the process runs.
  const found = defaultProvider({ ignoreCache: true });
  const role = process.env.KEYTURN_ROLE;
  const credentials = role ? assuming(role, found, region) : found;
  const client = new Client({ requestHandler: awsWaits(answerMs), credentials, ...(region && { region }) });
  const stack = client.middlewareStack as SecretsManagerClient['middlewareStack'];
  // Several calls may fail at once: each checks whether its credentials are still the current ones.
  stack.add(
    (next, context) => async args => {
      try {
        return await next(args);
      } catch (error) {
        if (!mayBeRenewed.includes((error as Error).name)) throw withCause(error, context);
        const renewed = await client.config.credentials({ forceRefresh: true }).catch(() => undefined);
        if (!renewed || renewed.accessKeyId === context.accessKeyId) throw withCause(error, context);
        return next(args);
      }
    },
    { step: 'initialize', name: 'renewCredentials' },
  );
  stack.add(
    (next, context) => async args => {
      const { protocol, hostname, port, headers } = args.request as AwsRequest;
      context.endpoint = `${protocol}//${hostname}${port ? `:${port}` : ''}`;
      context.accessKeyId = /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1];
      try {
        return await next(args);
      } catch (error) {
        context.code = (error as AwsFailure).code;
        throw error;
      }
    },
    { step: 'finalizeRequest', name: 'noteRequest', priority: 'low' },
  );
  return client;
}

type Credentials = ReturnType<typeof defaultProvider>;

/** For AWS to answer who may be whom. */
const assumeMs = 3_000;

/** Of a server that runs in another account than its keys: its own credentials only assume the role that its stack has for it. */
function assuming(RoleArn: string, credentials: Credentials, region: string | undefined): Credentials {
  return async () => {
    const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
    const sts = new STSClient({ requestHandler: awsWaits(assumeMs), credentials, ...(region && { region }) });
    const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'keyturn-client' });
    const { Credentials: given } = await sts
      .send(assume)
      .catch((error: Error) => {
        if (error.name !== 'AccessDenied') throw error;
        throw new KeyturnError(
          'refused',
          `the role ${RoleArn} cannot be assumed with these AWS credentials; run the server with the role that config/keys.ts names for it, and add to that what \`npx keyturn grants\` prints, or correct KEYTURN_ROLE`,
        );
      })
      .finally(() => sts.destroy());
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken, Expiration } = given ?? {};
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken && { sessionToken: SessionToken }),
      ...(Expiration && { expiration: Expiration }),
    };
  };
}

interface AwsRequest {
  /** `https:` */
  protocol: string;
  hostname: string;
  port?: number;
  headers: Record<string, string>;
}

/** Answers of AWS to credentials that have ended. */
export const refusedCredentials = [
  'ExpiredToken',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
];
/** A session that an administrator revoked is refused like a right that is missing. */
const mayBeRenewed = [...refusedCredentials, 'AccessDenied', 'AccessDeniedException'];
/** Errors of the SDK where it has found no credentials, or an SSO session that has ended. */
export const absentCredentials = ['CredentialsProviderError', 'TokenProviderError'];

export interface AwsFailure extends Error {
  /** Of the connection: `ECONNREFUSED`. */
  code?: string;
  $metadata?: { httpStatusCode?: number };
  /** Absent where nothing was sent. */
  endpoint?: string;
}

function withCause(error: unknown, { endpoint, code }: { [noted: string]: unknown }): unknown {
  return Object.assign(error as Error, endpoint ? { endpoint } : {}, code ? { code } : {});
}

export interface Explanation {
  code: ErrorCode;
  /** What went wrong; completes a sentence that begins with the name of the secret or function. */
  what: string;
  fix: string;
}

/** @param own what errors with these names mean to the caller */
export function explainFailure(failure: AwsFailure, own: Record<string, Explanation>): Explanation {
  const { name, code, message, endpoint, $metadata } = failure;
  const known = own[name];
  if (known) return known;
  const isAbsent = absentCredentials.includes(name);
  if (refusedCredentials.includes(name) || (isAbsent && /expired/i.test(message))) {
    return {
      code: 'no-answer',
      what: `was refused because the AWS credentials have expired (${name})`,
      fix: 'renew them, for instance with `aws sso login`; the next call reads them again',
    };
  }
  if (isAbsent) {
    return {
      code: 'no-answer',
      what: `could not be reached: no AWS credentials were found (${name})`,
      fix: 'run `aws sso login`, or set AWS_PROFILE',
    };
  }
  if (/^Region is missing/.test(message)) {
    return { code: 'no-answer', what: 'could not be reached: no AWS region is set', fix: 'set AWS_REGION' };
  }
  if ($metadata?.httpStatusCode === undefined) {
    return {
      code: 'no-answer',
      what: `could not be reached: ${endpoint ?? 'AWS'} gave no answer (${code ?? name})`,
      fix: 'check the network, a proxy or VPN, and AWS_ENDPOINT_URL if it is set',
    };
  }
  return {
    code: 'no-answer',
    what: `could not be accessed: ${endpoint ?? 'AWS'} answered ${name}`,
    fix: 'check AWS credentials and region, and try again',
  };
}

/** True if AWS did not answer at all: the network may not be up yet. */
export function isUnreachable({ endpoint, $metadata }: AwsFailure): boolean {
  return endpoint !== undefined && $metadata?.httpStatusCode === undefined;
}
