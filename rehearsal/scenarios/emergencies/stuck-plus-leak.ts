// A rotation is stuck half-way, its function is gone, and the key leaks: the emergency needs neither.
import { secretName, shortName } from '../../../core/key/key-address';
import { hourMs } from '../../../core/time';
import { functionName } from '../../../lib/config/aws/names';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf } from '../parts/incidents';
import { aLeakableKey } from '../parts/needs';
import type { Scenario } from '../scenario';
import { leakedKey } from './leak';

export const stuckPlusLeak: Scenario = {
  name: 'stuck-plus-leak',
  about: 'a key leaks while its rotation is stuck and its rotation function is gone',
  days: 1,
  needs: aLeakableKey,
  holds: ({ outcome, stuckBefore, stuckAfter, orphansAfter }) =>
    outcome === 'contained' && stuckBefore === true && stuckAfter === false && orphansAfter === 0,

  async play(context, end) {
    const { world, ledger, faults, findings, environment } = context;
    const { clock, model } = world;
    await makeFirstKeys(context);
    const load = await context.startLoad(end);
    await clock.runUntil(new Date(clock.now().getTime() + 3 * hourMs));
    const { key } = leakedKey(context);
    const name = shortName(key.address);
    const rotate = functionName(environment.name, `rotate-${key.address.provider}`);
    const labels = () => Object.values(model.secretsManager.secret(secretName(key.address)).labels).flat();
    // The provider makes the key; storing it fails, again and again.
    faults.ofAws = ({ operation, caller }) =>
      operation === 'PutSecretValue' && caller.sessionName === rotate ? { kind: 'server-error' } : undefined;
    const rotateCode = await context.keyturn(['rotate', name, '--env', environment.name, '--yes']);
    faults.ofAws = undefined;
    model.functions.remove(rotate);
    ledger.tell('fault', `${name}: its rotation is stuck, and ${rotate} was deleted`, name);
    const stuck = labels();
    const orphansBefore = ledger.orphans().length;
    const code = await context.keyturn([
      'revoke',
      name,
      '--env',
      environment.name,
      '--reason',
      'leaked',
      '--grace',
      '5s',
      '--yes',
    ]);
    const [incident] = incidentsOf(context);
    Object.assign(findings, {
      rotateEndedWith: rotateCode,
      stuckBefore: stuck.includes('AWSPENDING'),
      orphansBefore,
      revokeEndedWith: code,
      outcome: incident?.outcome,
      proofs: incident?.steps.flatMap(step => (step.what === 'rejected' ? step.proof : [])),
      stuckAfter: labels().includes('AWSPENDING'),
      orphansAfter: ledger.orphans().length,
      failedRequests: load.failures.length,
    });
    await clock.runUntil(end);
  },
};
