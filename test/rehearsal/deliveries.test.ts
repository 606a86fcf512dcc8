// A server in ECS that has its key from when it started: over rotations, long deployments and rollbacks it is never refused. Nor are those in
// Lambda and AgentCore, and one that reads a parameter, over a rotation.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliveries } from '../../rehearsal/scenarios/deliveries/deliveries';
import { ownAsset } from '../support/linked-assembly';
import { playOwn } from './own-scenario';

test('no call is refused, old keys wait for deployments, and a compromised one does not', async () => {
  const { findings, story, details } = await playOwn(deliveries);
  expect(findings).toMatchObject({
    refused: 0,
    endedAfterOverlap: true,
    keptForDeploymentMs: 2 * 3_600_000,
    endedOnceSteady: true,
    toldOfRollback: true,
    shownByStatus: true,
    keptAfterRollback: true,
    deliveredByHand: true,
    toldThatItIsOver: true,
    compromisedEnded: true,
    refusedElsewhere: 0,
    endedElsewhere: true,
    toldOfPlaces: true,
    unreleasedStayed: true,
  });
  expect(deliveries.holds!(findings)).toBe(true);
  expect(findings.calls).toBeGreaterThan(100);
  expect(findings.callsElsewhere).toBeGreaterThan(400);
  expect(details).toMatchObject({ denials: [], orphans: [], leaks: [] });
  // Of what it may do at each kind of place, nothing is left unused.
  expect(story.summary.iam.unusedGrants.filter(grant => /deliver/i.test(grant))).toEqual([]);
  expect(story.summary.violations).toEqual([]);
});

test('where the retire function is deployed without the places, the server is refused', async () => {
  const { 'support-bot': inEcs } = deliveries.keys!().servers;
  const { environments } = deliveries.keys!();
  const few = { ...deliveries, days: 3, keys: () => ({ environments, servers: { 'support-bot': inEcs! } }) };
  const { findings } = await playOwn(few, directory => {
    for (const folder of readdirSync(directory).filter(name => name.startsWith('asset.'))) {
      ownAsset(join(directory, folder));
      const file = join(directory, folder, 'retire.mjs');
      const code = readFileSync(file, 'utf8');
      writeFileSync(file, code.replaceAll('deliverTo', 'deliverToo'));
    }
  });
  expect(findings.refused).toBeGreaterThan(0);
  expect(deliveries.holds!(findings)).toBe(false);
});
