// `keyturn/connectors/suite`: what a team tests a connector of its own with, and what it writes a dialect with. It runs under any
// test runner.
import type { Connector } from '../../../connectors/contract/connector';
import { federationOf } from '../../../connectors/contract/federation';
import type { Dialect } from '../../../rehearsal/providers/dialect';
import { checksFor, runCheck } from './checks/all-checks';
import { checks as federateChecks } from './federate/checks';
import { runCheck as runFederateCheck } from './federate/setup';
import { checksFor as mintChecksFor } from './mint/all-checks';
import { isMint, runCheck as runMintCheck } from './mint/mint-setup';

export {
  basicOf,
  bearerOf,
  type Dialect,
  type Evidence,
  type Route,
  unixSeconds,
  type VerifyAnswer,
  type WireCall,
  type WireReply,
  type WireRequest,
} from '../../../rehearsal/providers/dialect';
export type { FakeAccount, FakeKey } from '../../../rehearsal/providers/fake-account';
export { exchangeRoute, oauthError, oauthToken } from '../../../rehearsal/providers/federation';
export { tokenDialect } from '../../../rehearsal/providers/federations/token-dialect';
export { keyedRoute, keyRoutes, retryAfter } from '../../../rehearsal/providers/key-routes';
export { madeInConsole } from '../../../rehearsal/providers/made-in-console';

/** A promise, and what throws where the connector does not keep it. */
export interface Promised {
  name: string;
  run(): Promise<void>;
}

/**
 * Every promise that a connector of this kind keeps. Run one at a time: each puts the provider that the dialect plays in the place
 * of the network.
 */
export function checksOf(connector: Connector, dialect: Dialect): Promised[] {
  if (isMint(connector))
    return mintChecksFor(connector, dialect.sample.settings).map(check => ({
      name: check.name,
      run: () => runMintCheck(check, connector, dialect),
    }));
  const ofKeys = checksFor(connector).map(check => ({
    name: check.name,
    run: () => runCheck(check, connector, undefined, dialect),
  }));
  const federation = federationOf(connector);
  if (!federation) return ofKeys;
  const ofFederation = federateChecks
    .filter(({ where }) => where?.(federation) ?? true)
    .map(check => ({ name: check.name, run: () => runFederateCheck(check, federation, dialect) }));
  return [...ofKeys, ...ofFederation];
}
