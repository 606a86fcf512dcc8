// Every connector that mints tokens keeps every promise of its kind.
import type { Connector } from '../../../connectors/contract/connector';
import { connectors } from '../../../connectors/index';
import { checksFor } from './all-checks';
import { isMint, runCheck } from './mint-setup';

const minting = Object.values<Connector>(connectors).filter(isMint);

describe.each(minting.map(connector => [connector.provider, connector] as const))(
  '%s',
  (_provider, connector) => {
    test.each(checksFor(connector).map(check => [check.name, check] as const))('%s', (_name, check) =>
      runCheck(check, connector),
    );
  },
);
