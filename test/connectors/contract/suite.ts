// `keyturn/connectors/suite`: what a team tests a connector of its own with, and what it writes a dialect with. It runs under any
// test runner.
import type { Connector } from '../../../connectors/contract/connector';
import type { Dialect } from '../../../rehearsal/providers/dialect';
import { checksFor, runCheck } from './all-checks';

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
  return checksFor(connector).map(check => ({
    name: check.name,
    run: () => runCheck(check, connector, undefined, dialect),
  }));
}
