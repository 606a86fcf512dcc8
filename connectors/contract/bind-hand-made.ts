// Binds connectors of keys that only a person makes: all that Keyturn asks about such a key, and how it ends it.
import { hasCode, KeyturnError } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import type { HandMadeProvider, HandSteps, ManualProvider } from '../../core/provider';
import type { AwsPartner } from './aws-partner';
import { type CallContext, type CallsOf, control, keptKeys } from './call-context';
import type { Connector, RevokeOnlyConnector } from './connector';

/** Where Keyturn can end it. */
export function revokeOnlyCalls(
  connector: RevokeOnlyConnector<unknown, unknown>,
  { settings, safe, ask, askAsIssuer, askWithIssuer }: CallContext,
): CallsOf<HandMadeProvider> {
  const { steps, revoker, expiry } = connector;
  const tellsExpiry = async (value: SecretValue) => {
    try {
      return expiry && (await ask(http => expiry(http, value, settings), value));
    } catch (error) {
      // It is the key that was asked with, and not the issuer credential.
      if (!hasCode(error, 'issuer-rejected', 'refused')) throw error;
      throw new KeyturnError(
        'key-rejected',
        `${connector.title} does not say when the key ${value.keyId} expires; check in its console that the key is active`,
      );
    }
  };
  if (revoker.by === 'holder') {
    return {
      kind: 'revoke-only',
      steps,
      expiry: tellsExpiry,
      async revoke(keyId, held) {
        // It cannot be asked without the key, and no key was made whose answer could be lost.
        if (!held)
          throw new KeyturnError(
            'refused',
            `only the key ${keyId} itself can end it, and Keyturn does not hold it`,
          );
        try {
          await ask(http => revoker.revoke(http, held, settings), held);
        } catch (error) {
          // No issuer credential was asked with, so none can be wrong.
          if (!hasCode(error, 'issuer-rejected', 'refused')) throw error;
          throw new KeyturnError(
            'refused',
            `${connector.title} does not let the key ${keyId} revoke itself; a person has to ${steps.end}`,
          );
        }
      },
    };
  }
  if (revoker.works?.(settings) === false) return { kind: 'manual', steps, expiry: tellsExpiry };
  const kept = keptKeys(revoker, { settings, safe, askAsIssuer });
  return {
    kind: 'revoke-only',
    steps,
    ...kept,
    ...control(revoker, { settings, askWithIssuer }),
    async expiry(value) {
      const listed = (await kept.list()).find(({ id }) => id === value.keyId)?.expiresAt;
      return listed ?? tellsExpiry(value);
    },
  };
}

/** Where AWS makes the next one: Keyturn then only ends keys, and proves it. */
export function partnerCalls(
  connector: Connector,
  partner: AwsPartner,
  context: CallContext,
): CallsOf<HandMadeProvider> {
  if (partner.ends === 'by-hand' || !('list' in connector)) return manualCalls(partner.steps);
  const kept = keptKeys(connector, context);
  return {
    kind: 'revoke-only',
    steps: partner.steps,
    ...kept,
    ...control(connector, context),
    expiry: async value => (await kept.list()).find(({ id }) => id === value.keyId)?.expiresAt,
  };
}

/** Where a person ends it, too. */
export function manualCalls(steps: HandSteps): CallsOf<ManualProvider> {
  return { kind: 'manual', steps, expiry: async () => undefined };
}
