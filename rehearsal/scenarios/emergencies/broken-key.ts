// Somebody deletes a key at its provider: servers are refused, and nothing has leaked. The alarm on refused requests has the
// provider asked, and the dead key replaced.
import { connectorFor } from '../../../connectors/index';
import { secretName, shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../core/time';
import type { Key } from '../../../lib/config/config';
import { valueAt } from '../../world/counts/stored-values';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf, mailOf } from '../parts/incidents';
import { aKeyOfItsProvider, all, automaticContainment } from '../parts/needs';
import type { Scenario } from '../scenario';

export const brokenKey: Scenario = {
  name: 'broken-key',
  about: 'someone deletes a key at its provider, and servers are refused',
  days: 1,
  needs: all(automaticContainment, aKeyOfItsProvider),
  holds: ({ outcome, refusedSince }) => outcome === 'contained' && refusedSince === 0,

  async play(context, end) {
    const { world, ledger, environment, findings } = context;
    const { clock } = world;
    await makeFirstKeys(context);
    const load = await context.startLoad(end);
    await clock.runUntil(new Date(clock.now().getTime() + 8 * hourMs));
    const keys = environment.servers.flatMap(server => server.keys);
    const key = needed(
      keys.find(({ address }) => connectorFor(address.provider).kind === 'issue'),
      'a key that its provider makes',
    );
    const deleted = deleteAtProvider(context, key);
    const began = clock.now();
    const name = shortName(key.address);
    ledger.tell('fault', `${name}: someone deleted ${deleted} in the provider's console`, name);
    const before = load.failures.length;
    for (let minute = 0; minute < 40; minute++) {
      // It is in use: a request a minute, at least.
      load.lookClosely(key.address);
      await clock.runUntil(new Date(clock.now().getTime() + minuteMs));
    }
    const refused = load.failures.length - before;
    await clock.runUntil(new Date(clock.now().getTime() + hourMs));
    const [incident] = incidentsOf(context);
    const promoted = incident?.steps.find(({ what }) => what === 'promoted');
    Object.assign(findings, {
      outcome: incident?.outcome,
      noticedMs: incident && incident.at.getTime() - began.getTime(),
      mendedMs: promoted && Date.parse(promoted.at) - began.getTime(),
      refusedUntilThen: refused,
      refusedSince: load.failures.length - before - refused,
      told: mailOf(context).map(({ subject }) => subject),
    });
    await clock.runUntil(end);
  },
};

/** @returns the key's id */
export function deleteAtProvider({ world }: RehearsalContext, { address }: Key): string {
  const secret = world.model.secretsManager.secret(secretName(address));
  const { keyId, secret: text } = needed(valueAt(secret, 'AWSCURRENT'), 'a current key');
  const account = world.providers.account(address.provider);
  account.revoke(needed(account.ownerOf(text), 'a key with this secret'));
  return keyId;
}
