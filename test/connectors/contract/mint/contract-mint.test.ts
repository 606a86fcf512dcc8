// Every connector that mints tokens keeps every promise of its kind.
import type { Connector } from '../../../../connectors/contract/connector';
import { connectors } from '../../../../connectors/index';
import { oauthClient } from '../../../../connectors/providers/oauth-client/oauth-client';
import { checksFor } from './all-checks';
import { type AnyMint, isMint, type MintCheck, runCheck } from './mint-setup';

const minting = Object.values<Connector>(connectors).filter(isMint);

describe.each(minting.map(connector => [connector.provider, connector] as const))(
  '%s',
  (_provider, connector) => {
    test.each(checksFor(connector).map(check => [check.name, check] as const))('%s', (_name, check) =>
      runCheck(check, connector),
    );
  },
);

// Where there is more than one way for a client to prove itself, tokens are minted, ended and refused in each.
const words =
  /^(a token works|a token has the scopes|a token that is ended|a dead root mints|an error shows nothing)/;
test.each(
  ['client_secret_post', 'private_key_jwt'].flatMap(authentication =>
    checksFor(oauthClient as AnyMint)
      .filter(({ name }) => words.test(name))
      .map(check => [authentication, check.name, check] as const),
  ),
)('oauth-client by %s: %s', (authentication, _name, check) => {
  const settings: MintCheck['settings'] = sample => {
    const { registrationUrl: _, ...others } = check.settings?.(sample) ?? sample;
    return { ...others, authentication };
  };
  return runCheck({ ...check, settings }, oauthClient as AnyMint);
});
