// A launch: the use of every key grows fortyfold for an hour on a working day. People are told; for high-tier keys nothing changes.
import { secretName, shortName } from '../../../core/key/key-address';
import { dayMs, hourMs } from '../../../core/time';
import { valueAt } from '../../world/counts/stored-values';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf } from '../parts/incidents';
import { reportUseFor } from '../parts/usage';
import type { Scenario } from '../scenario';

export const spike: Scenario = {
  name: 'spike',
  about: 'a launch: fortyfold use of every key for an hour of a working day',
  days: 5,
  holds: ({ replacedHighTier, failedRequests }) => replacedHighTier === 0 && failedRequests === 0,

  async play(context, end) {
    const { world, ledger, environment, findings } = context;
    const { clock } = world;
    await makeFirstKeys(context);
    const load = await context.startLoad(end);
    // Monday noon, after days of ordinary use.
    const monday = new Date(Math.floor(clock.now().getTime() / dayMs) * dayMs + 3 * dayMs + 11 * hourMs);
    const addresses = environment.servers.flatMap(({ keys }) => keys).map(({ address }) => address);
    await clock.runUntil(new Date(monday.getTime() - 2 * hourMs));
    await reportUseFor(context, addresses, { requests: 3 }, 120);
    const before = currentKeys(context);
    ledger.tell('fault', 'a launch: fortyfold use of every key');
    await reportUseFor(context, addresses, { requests: 120 }, 60);
    await clock.runUntil(new Date(clock.now().getTime() + hourMs));
    const after = currentKeys(context);
    const changed = environment.servers
      .flatMap(({ keys }) => keys)
      .filter(({ address }) => before[secretName(address)] !== after[secretName(address)]);
    const incidents = incidentsOf(context);
    Object.assign(findings, {
      alarms: incidents.map(
        ({ cause, address, outcome }) =>
          `${shortName(address)}: ${'signal' in cause ? cause.signal : cause.by}: ${outcome}`,
      ),
      replacedHighTier: changed.filter(({ spec }) => spec.tier === 'high').length,
      replacedOthers: changed
        .filter(({ spec }) => spec.tier !== 'high')
        .map(({ address }) => shortName(address)),
      failedRequests: load.failures.length,
    });
    await clock.runUntil(end);
  },
};

function currentKeys({ world, environment }: RehearsalContext): Record<string, string | undefined> {
  const keys = environment.servers.flatMap(({ keys }) => keys);
  return Object.fromEntries(
    keys.map(({ address }) => {
      const name = secretName(address);
      return [name, valueAt(world.model.secretsManager.secret(name), 'AWSCURRENT')?.keyId];
    }),
  );
}
