import { bindConnector } from '../../../connectors/contract/bind';
import { connectorFor } from '../../../connectors/index';
import type { Provider } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { systemClock } from '../runtime/clock';
import { readIssuer } from './issuer';

/** The connector of one key; the issuer credential is read when a call first needs it. */
export function boundProvider({ address, spec }: SecretState): Provider {
  return bindConnector(connectorFor(address.provider), {
    readIssuer: () => readIssuer(address.environment, address.provider),
    environment: address.environment,
    spec,
    clock: systemClock,
  });
}
