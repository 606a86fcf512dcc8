import type { Connector } from '../../../../connectors/contract/connector';
import type { Dialect } from '../../../../rehearsal/providers/dialect';
import type { Settings } from '../../../../rehearsal/providers/fake-account';
import { openProviderSetup } from '../../../support/provider-setup';
import { abilityChecks } from './ability-checks';
import { boundaryChecks } from './boundary-checks';
import { type Check, checkedKind } from './check';
import { faultChecks } from './fault-checks';
import { handMadeChecks } from './hand-made-checks';
import { lifeChecks } from './life-checks';
import { proofChecks } from './proof-checks';
import { verdictChecks } from './verdict-checks';

/** The promises that this connector has to keep. */
export function checksFor(connector: Connector): Check[] {
  const checks = [
    ...lifeChecks,
    ...handMadeChecks,
    ...proofChecks,
    ...verdictChecks,
    ...faultChecks,
    ...boundaryChecks,
    ...abilityChecks,
  ];
  return checks.filter(
    ({ kinds, where }) => kinds.includes(checkedKind(connector)) && (where?.(connector) ?? true),
  );
}

/** Throws where the connector breaks the promise. Each check has a provider of its own. */
export async function runCheck(
  check: Check,
  connector: Connector,
  settings?: Settings,
  own?: Dialect,
): Promise<void> {
  const setup = await openProviderSetup(connector, settings, own);
  try {
    await check.run(setup);
  } finally {
    await setup.close();
  }
}
