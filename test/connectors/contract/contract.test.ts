// Every connector keeps every promise of its kind.
import type { Connector } from '../../../connectors/contract/connector';
import { connectors } from '../../../connectors/index';
import { checksFor, runCheck } from './checks/all-checks';

// Connectors that mint have promises of their own, and so have federations: mint/ and federate/.
const mine = Object.entries<Connector>(connectors).filter(
  ([, { kind }]) => kind !== 'mint' && kind !== 'federate',
);

describe.each(mine)('%s', (_provider, connector) => {
  test.each(checksFor(connector).map(check => [check.name, check] as const))('%s', (_name, check) =>
    runCheck(check, connector),
  );
});
