// What Secrets Manager calls a rotation function with. Whoever may invoke the function can send anything: it is read by shape,
// and for the keys of its provider alone.
import { KeyturnError } from '../../../core/errors';
import { parseSecretName, secretNameOfArn } from '../../../core/key/key-address';
import type { Rotation } from '../../../core/rotation/rotation';

/** There is a RotationToken too, which only cross-account rotation needs; it is never logged. */
export interface RotationEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}

/**
 * @param steps what is to be done in each
 * @throws {KeyturnError} bad-event
 */
export function readRotationEvent<Step>(
  event: Partial<RotationEvent> | undefined,
  steps: Readonly<Record<string, Step>>,
  place: { environment: string; provider: string },
): { step: Step; rotation: Rotation } {
  const { Step = 'undefined', ClientRequestToken: token, SecretId: secretId } = event ?? {};
  const step = Object.hasOwn(steps, Step) ? steps[Step] : undefined;
  if (!step) throw badEvent(`Step is "${Step}"`, `one of ${Object.keys(steps).join(', ')}`);
  if (!token) throw badEvent('ClientRequestToken is absent', 'the version id of the rotation');
  if (!secretId) throw badEvent('SecretId is absent', "the secret's ARN");
  const { environment, provider } = parseSecretName(secretNameOfArn(secretId));
  if (environment === place.environment && provider === place.provider)
    return { step, rotation: { secretId, token } };
  throw badEvent(
    `SecretId names a key of ${environment}/${provider}`,
    `one of ${place.environment}/${place.provider}`,
  );
}

function badEvent(what: string, expected: string): KeyturnError {
  return new KeyturnError('bad-event', `${what}; expected ${expected}, as Secrets Manager sends it`);
}
