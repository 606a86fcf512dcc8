// Asks the server's token function, by Lambda's Invoke. Loaded only where a server has tokens.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import { minuteMs } from '../../../core/time';
import type { GivenToken } from '../../../core/tokens/tokens';
import { createAwsClient, type Explanation, explainFailure } from '../aws-client';

export interface TokenWish {
  /** None for all that the config grants. */
  scopes: readonly string[];
  /** Fingerprint of a token that was refused where it was used. */
  refused?: string;
}

/** @throws {KeyturnError} with the function's own words where it refuses */
export type AskForToken = (address: KeyAddress, wish: TokenWish) => Promise<GivenToken>;

/** Minting may take the provider's time, and its waits. */
const answerMs = minuteMs;

export function tokenFunctionName({
  environment,
  server,
}: Pick<KeyAddress, 'environment' | 'server'>): string {
  return `keyturn-${environment}-token-${server}`;
}

/** @param region @default - as AWS SDKs find it */
export function createTokenAsker(region?: string): AskForToken {
  const lambda = createAwsClient(LambdaClient, answerMs, region);

  return async (address, { scopes, refused }) => {
    const { provider, purpose } = address;
    const event = { provider, purpose, ...(scopes.length && { scopes }), ...(refused && { refused }) };
    const command = new InvokeCommand({
      FunctionName: tokenFunctionName(address),
      Payload: JSON.stringify(event),
    });
    const { FunctionError, Payload } = await lambda.send(command).catch((error: Error) => {
      throw unreachable(address, error);
    });
    const answer = JSON.parse(Payload?.transformToString() ?? '{}') as GivenToken & {
      errorType?: string;
      errorMessage?: string;
    };
    if (FunctionError) throw refusal(address, answer);
    return answer;
  };
}

/** What Keyturn's code threw explains itself; all else is Lambda's, such as a time-out. */
function refusal(
  address: KeyAddress,
  { errorType, errorMessage = '' }: { errorType?: string; errorMessage?: string },
) {
  if (errorType === 'KeyturnError') return new KeyturnError('refused', errorMessage);
  return new KeyturnError(
    'no-answer',
    `${tokenFunctionName(address)} failed (${errorType ?? errorMessage}); see its log, then try again`,
  );
}

const explained: Record<string, Explanation> = {
  ResourceNotFoundException: {
    code: 'not-found',
    what: 'does not exist',
    fix: 'check the names of environment and server, and that its stack is deployed with a key that mints tokens',
  },
  AccessDeniedException: {
    code: 'refused',
    what: 'cannot be invoked with these AWS credentials',
    fix: 'run the server with the role that config/keys.ts names for it',
  },
};

function unreachable(address: KeyAddress, cause: Error): KeyturnError {
  const { code, what, fix } = explainFailure(cause, explained);
  return new KeyturnError(
    code,
    `${tokenFunctionName(address)}, which gives out the tokens of ${shortName(address)}, ${what}; ${fix}`,
    { cause },
  );
}
