// Tokens of providers that accept the server's AWS role itself: STS signs a JWT, and the provider exchanges it. Loaded only where
// a server has keys of that kind.
import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { bindFederation, type IdentityWish } from '../../../connectors/contract/bind-federation';
import { federationOf } from '../../../connectors/contract/federation';
import { loadConnector } from '../../../connectors/load';
import { KeyturnError } from '../../../core/errors';
import { type KeyAddress, shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import type { MintedToken } from '../../../core/tokens/tokens';
import { createAwsClient, type Explanation, explainFailure } from '../aws-client';
import type { AskForToken } from './token-asker';

/** By the key's short name: what an admin set up at its provider. */
export type FederationSettingsByKey = ReadonlyMap<string, unknown>;

export interface FederationParts {
  settings: FederationSettingsByKey;
  /** @default - as AWS SDKs find it */
  region?: string | undefined;
  clock: Clock;
}

const answerMs = 5_000;

/** Its tokens have the scopes that the provider's trust gives them. */
export function createFederationAsker({ settings, region, clock }: FederationParts): AskForToken {
  const sts = createAwsClient(STSClient, answerMs, region);
  const bound = new Map<string, Promise<() => Promise<MintedToken>>>();

  async function bind(address: KeyAddress): Promise<() => Promise<MintedToken>> {
    const connector = await loadConnector(address.provider);
    const federation = federationOf(connector);
    if (!federation)
      throw new KeyturnError(
        'bad-config',
        `${connector.title} does not accept AWS roles in place of keys; leave ${address.provider} out of \`federate\``,
      );
    return bindFederation(federation, {
      settings: settings.get(shortName(address)),
      identity: wish => identityOf(sts, wish),
      clock,
    });
  }

  return async address => {
    const name = shortName(address);
    const binding = bound.get(name) ?? bind(address);
    bound.set(name, binding);
    const { token, expiresAt, scopes = [] } = await (await binding)();
    return { token, expiresAt, scopes };
  };
}

async function identityOf(sts: STSClient, { audience, algorithm, seconds }: IdentityWish): Promise<string> {
  const wish = { Audience: [audience], SigningAlgorithm: algorithm, DurationSeconds: seconds };
  const { WebIdentityToken } = await sts.send(new GetWebIdentityTokenCommand(wish)).catch((error: Error) => {
    throw unsigned(error, audience);
  });
  return WebIdentityToken ?? '';
}

const explained: Record<string, Explanation> = {
  OutboundWebIdentityFederationDisabledException: {
    code: 'refused',
    what: 'is not given: the AWS account has outbound identity federation turned off',
    fix: 'have an administrator run `aws iam enable-outbound-web-identity-federation` once',
  },
  AccessDenied: {
    code: 'refused',
    what: 'is not given: these AWS credentials may not call sts:GetWebIdentityToken for it',
    fix: 'run the server with the role that config/keys.ts names for it, and attach to that the policy that `npx keyturn plan` names',
  },
  SessionDurationEscalationException: {
    code: 'no-answer',
    what: 'is not given: the AWS session ends before it would',
    fix: 'give the role longer sessions, or start the server anew',
  },
};

function unsigned(cause: Error, audience: string): KeyturnError {
  const { code, what, fix } = explainFailure(cause, explained);
  return new KeyturnError(code, `a proof of this server's AWS role for ${audience} ${what}; ${fix}`, {
    cause,
  });
}
