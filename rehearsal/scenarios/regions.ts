// A server that runs in three regions, and reads replicas of its keys in two of them: a replica that stays behind a rotation,
// and one that is read by a thief.
import { shortName } from '../../core/key/key-address';
import { dayMs, hourMs } from '../../core/time';
import type { KeysInput } from '../../lib/config/config';
import { keySecrets, valueAt } from '../world/counts/stored-values';
import { needed } from '../world/needed';
import type { RehearsalContext } from '../world/rehearsal-context';
import { leakedKey, nightIn } from './emergencies/leak';
import { Attacker } from './parts/attacker';
import { EmergencyWatch } from './parts/emergency-watch';
import { makeFirstKeys } from './parts/first-keys';
import { incidentsOf, mailOf } from './parts/incidents';
import { all, aTheftThatIsNoticed, replicas } from './parts/needs';
import { role, usualProd } from './parts/usual-prod';
import type { Scenario } from './scenario';

export interface RegionsFindings {
  regions: string[];
  /** For so long the superseded key was kept for a replica that was behind, past its overlap. */
  keptForReplicaMs: number;
  /** People were told of it, and `keyturn status` shows it. */
  toldOfReplica: boolean;
  shownByStatus: boolean;
  /** Ended once the replica had the new key. */
  retiredAfterwards: boolean;
  /** From a read of a replica by a thief until Keyturn noticed, and until the key was revoked. */
  detectedMs?: number;
  revokedMs?: number;
  contained: boolean;
  failedRequests: number;
}

const keys = (): KeysInput =>
  usualProd({
    'support-bot': {
      team: 'support',
      roles: { prod: role('support-bot') },
      replicas: { prod: ['us-east-1', 'ap-southeast-2'] },
      keys: [
        {
          provider: 'sendgrid',
          tier: 'high',
          scopes: ['mail.send'],
          overlapHours: 24,
          env: 'SENDGRID_API_KEY',
        },
        { provider: 'openai', settings: { project: 'proj_1' }, env: 'OPENAI_API_KEY' },
      ],
    },
  });

export const regions: Scenario = {
  name: 'regions',
  about: 'a server reads replicas of its keys in other regions: one stays behind, one is read by a thief',
  days: 12,
  keys,
  needs: all(replicas, aTheftThatIsNoticed),
  holds: found => {
    const { toldOfReplica, shownByStatus, retiredAfterwards, contained, failedRequests } =
      found as unknown as RegionsFindings;
    return toldOfReplica && shownByStatus && retiredAfterwards && contained && failedRequests === 0;
  },

  async play(context, end) {
    await makeFirstKeys(context);
    await context.startLoad(end);
    const { key } = leakedKey(context);
    const regionsThere = [...(key.spec.replicas ?? [])];
    const behind = await rotateWhileBehind(context, needed(regionsThere.at(-1), 'a replica'));
    const theft = await stealFromReplica(context, needed(regionsThere[0], 'a replica'), end);
    const failedRequests = context.load?.failures.length ?? 0;
    Object.assign(context.findings, { regions: regionsThere, ...behind, ...theft, failedRequests });
  },
};

/** Nothing reaches a region any more while a key rotates, until long after its overlap. */
async function rotateWhileBehind(context: RehearsalContext, region: string) {
  const { world, environment, ledger, faults } = context;
  const { clock } = world;
  const { key } = leakedKey(context);
  const name = shortName(key.address);
  const pass = (ms: number) => clock.runUntil(new Date(clock.now().getTime() + ms));
  await pass(dayMs);
  const old = currentSecret(context);
  const stopped = clock.now();
  faults.replicationStopped = where => (where === region ? stopped : undefined);
  ledger.tell('fault', `Secrets Manager stops replicating to ${region}`);
  await context.keyturn(['rotate', name, '--yes']);
  const overlapMs = key.spec.overlapHours * hourMs;
  const keptMs = 6 * hourMs;
  await pass(overlapMs + keptMs);
  const isKept = accepts(context, old);
  const before = context.cliOutput.length;
  await context.keyturn(['status', '--env', environment.name]);
  const shown = context.cliOutput.slice(before).join('');
  faults.replicationStopped = () => undefined;
  ledger.tell('note', `Secrets Manager replicates to ${region} again`);
  await pass(2 * hourMs);
  return {
    keptForReplicaMs: isKept ? keptMs : 0,
    toldOfReplica: mailOf(context).some(({ at, text }) => at > stopped && text.includes(region)),
    shownByStatus: shown.includes(region),
    retiredAfterwards: isKept && !accepts(context, old),
  };
}

async function stealFromReplica(context: RehearsalContext, region: string, end: Date) {
  const { world, ledger } = context;
  const { clock } = world;
  const { server, key } = leakedKey(context);
  const name = shortName(key.address);
  await clock.runUntil(nightIn(7, clock.now()));
  const watch = new EmergencyWatch(context);
  const attacker = new Attacker(context, server, key, region);
  const began = clock.now();
  const stolen = await clock.runWhile(() => attacker.readSecret());
  ledger.tell('fault', `${name}: a thief reads its replica in ${region}, and begins to use the key`, name);
  attacker.abuse(stolen, new Date(began.getTime() + hourMs));
  await clock.runUntil(end);
  const contained = incidentsOf(context).some(
    ({ outcome, address }) => outcome === 'contained' && shortName(address) === name,
  );
  return {
    detectedMs: watch.between(began, 'began'),
    revokedMs: watch.between(began, 'revoked'),
    contained: contained && !(await clock.runWhile(() => attacker.use(stolen))),
  };
}

function currentSecret(context: RehearsalContext): string {
  const { key } = leakedKey(context);
  const held = keySecrets(context.world.model).find(({ name }) => name.includes(`/${key.address.provider}/`));
  return needed(held && valueAt(held, 'AWSCURRENT'), 'a current key').secret;
}

function accepts(context: RehearsalContext, secret: string): boolean {
  const { provider } = leakedKey(context).key.address;
  const account = context.world.providers.account(provider);
  const known = account.ownerOf(secret);
  return known !== undefined && account.accepts(known);
}
