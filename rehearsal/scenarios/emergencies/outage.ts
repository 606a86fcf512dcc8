// A key has to go, and its provider answers 503 for twenty minutes: nothing is revoked that could not be replaced, people are
// told at once, and the key is dead as soon as the provider is back.
import { shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../core/time';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf, mailOf } from '../parts/incidents';
import { aLeakableKey } from '../parts/needs';
import type { Scenario } from '../scenario';
import { leakedKey } from './leak';

const outageMs = 20 * minuteMs;

export const outage: Scenario = {
  name: 'outage',
  about: 'a key has to be revoked while its provider is down',
  days: 1,
  needs: aLeakableKey,
  holds: ({ outcome, failedRequests }) => outcome === 'contained' && failedRequests === 0,

  async play(context, end) {
    const { world, ledger, faults, findings, environment } = context;
    const { clock } = world;
    await makeFirstKeys(context);
    const load = await context.startLoad(end);
    await clock.runUntil(new Date(clock.now().getTime() + 3 * hourMs));
    const { key } = leakedKey(context);
    const began = clock.now();
    const until = new Date(began.getTime() + outageMs);
    faults.ofProvider = ({ provider, kind }) =>
      provider === key.address.provider && kind !== 'use' && clock.now() < until
        ? { kind: 'status', status: 503 }
        : undefined;
    const name = shortName(key.address);
    ledger.tell('fault', `${name} has to be revoked, and ${key.address.provider}'s key API is down`, name);
    const code = await context.keyturn([
      'revoke',
      name,
      '--env',
      environment.name,
      '--reason',
      'leaked in a public repository',
      '--grace',
      '5s',
      '--yes',
    ]);
    await clock.runUntil(new Date(until.getTime() + hourMs));
    const [incident] = incidentsOf(context);
    const rejected = incident?.steps.findLast(({ what }) => what === 'rejected');
    Object.assign(findings, {
      outageMs,
      commandEndedWith: code,
      outcome: incident?.outcome,
      triesThatFailed: incident?.steps.filter(({ what }) => what === 'failed').length,
      rejectedAfterOutageMs: rejected && Date.parse(rejected.at) - until.getTime(),
      failedRequests: load.failures.length,
      told: mailOf(context).map(({ subject }) => subject),
    });
    await clock.runUntil(end);
  },
};
