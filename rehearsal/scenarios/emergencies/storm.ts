// Every key is deleted at its provider at once. The first few are replaced; then the breaker stops whatever works by itself, and
// pages; a person orders the rest.
import { connectorFor } from '../../../connectors/index';
import { shortName } from '../../../core/key/key-address';
import { dayMs, hourMs } from '../../../core/time';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf, mailOf } from '../parts/incidents';
import { all, automaticContainment, moreKeysThanTheBreakerLetsThrough } from '../parts/needs';
import { reportUseFor } from '../parts/usage';
import type { Scenario } from '../scenario';
import { deleteAtProvider } from './broken-key';

export const storm: Scenario = {
  name: 'storm',
  about: 'every key is deleted at its provider at once, and every alarm goes off',
  days: 2,
  needs: all(automaticContainment, moreKeysThanTheBreakerLetsThrough),
  holds: ({ pages, alarms, containedInAll }) => pages === 1 && containedInAll === alarms,

  async play(context, end) {
    const { world, ledger, environment, findings } = context;
    const { clock } = world;
    await makeFirstKeys(context);
    await clock.runUntil(new Date(Math.floor(clock.now().getTime() / dayMs) * dayMs + 12 * hourMs));
    const keys = environment.servers
      .flatMap(server => server.keys)
      .filter(({ address }) => connectorFor(address.provider).kind !== 'self-issued');
    for (const key of keys) deleteAtProvider(context, key);
    ledger.tell('fault', `all ${keys.length} keys were deleted at their providers`);
    const addresses = keys.map(({ address }) => address);
    await reportUseFor(context, addresses, { requests: 60, authFailures: 60 }, 30);
    const automatic = incidentsOf(context);
    const left = automatic
      .filter(({ outcome }) => outcome === 'breaker-open')
      .map(({ address }) => shortName(address));
    const code = await context.keyturn([
      'revoke',
      ...left,
      '--env',
      environment.name,
      '--reason',
      'deleted at the provider',
      '--grace',
      '0s',
      '--yes',
    ]);
    const count = (outcome: string) =>
      incidentsOf(context).filter(incident => incident.outcome === outcome).length;
    Object.assign(findings, {
      alarms: automatic.length,
      containedByItself: automatic.filter(({ outcome }) => outcome === 'contained').length,
      stoppedByBreaker: left.length,
      pages: mailOf(context).filter(({ subject }) => subject.includes('too many keys')).length,
      commandEndedWith: code,
      containedInAll: count('contained'),
      told: mailOf(context).map(({ subject }) => subject),
    });
    await clock.runUntil(end);
  },
};
