// What `keyturn plan` says of keys that do not exist, since their provider accepts the server's AWS role.
import { shortName } from '../../core/key/key-address';
import type { Environment, FederatedKey } from '../../lib/config/config';
import { federationFor } from '../../lib/config/providers';

/** What is there in the place of a key. */
export function planFederation(key: FederatedKey) {
  const { address, settings, env } = key;
  const federation = federationFor(address.provider);
  if (!federation) return [];
  const { title, trust, tokenSecondsAtMost } = federation;
  return [
    {
      key: shortName(address),
      ...address,
      title,
      trust: federation.trustOf(settings),
      audience: federation.audience(settings),
      tokenSecondsAtMost,
      end: trust.end,
      variables: env,
    },
  ];
}

/** For whoever looks for the key of one, as in an emergency. */
export function howToEnd({ address, settings }: FederatedKey): string {
  const federation = federationFor(address.provider);
  const key = shortName(address);
  if (!federation) return `${key} is a federation of an unknown provider`;
  const { title, trust, tokenSecondsAtMost } = federation;
  const isOurs = federation.ender && federation.ender.works?.(settings) !== false;
  const end = isOurs ? `run \`npx keyturn federation disable ${key}\`, or ${trust.end}` : trust.end;
  return `${key} is a federation: there is no key to rotate or revoke, since ${title} accepts the server's AWS role by ${federation.trustOf(settings)}. To end it, ${end}; tokens that were given before work for ${tokenSecondsAtMost / 60} min at most. Then run \`npx keyturn doctor --server ${address.server}\` as the server: it has to be refused`;
}

/** Once for the account, and once for each trust at a provider: nothing of it is Keyturn's to make. */
export function trustsFor({ account, servers }: Environment, federations: readonly FederatedKey[]): string[] {
  if (!federations.length) return [];
  return [
    `federations need the account ${account} to prove its roles: run \`aws iam enable-outbound-web-identity-federation\` there once, and note the issuer URL that it answers`,
    ...federations.flatMap(key => {
      const { provider, server } = key.address;
      const federation = federationFor(provider);
      const role = servers.find(({ name }) => name === server)?.role;
      if (!federation || !role) return [];
      return `${shortName(key.address)}: ${federation.trust.make}; give it that issuer URL, the subject ${role} and the audience ${federation.audience(key.settings)}`;
    }),
  ];
}

export function federationInWords(federation: ReturnType<typeof planFederation>[number]): string[] {
  const { key, title, trust, tokenSecondsAtMost, end, variables } = federation;
  return [
    key,
    `  federation ${title} accepts the role of the server by ${trust}: there is no key, and nothing to rotate`,
    `  tokens     live for ${tokenSecondsAtMost / 60} min at most, even after the trust is removed`,
    `  to end it  ${end}`,
    `  variables  ${Object.keys(variables).join(', ') || 'none: the server asks the client library'}`,
    '',
  ];
}
