// A server in ECS that takes its key when a task starts, and keeps it: a rotation, a deployment that takes longer than the overlap, one
// that ECS rolls back, and a key that has to end at once although its successor cannot get there. Beside it servers elsewhere, each over a rotation.
import { secretName, shortName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import { dayMs, hourMs, minuteMs } from '../../../core/time';
import { type Key, type KeysInput, keysOf } from '../../../lib/config/config';
import {
  type DeliveredServer,
  keepCalling,
  openDeliveredServers,
  readKey,
} from '../../servers/delivered-servers';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { accepts, isTold, pass } from '../parts/delivered-keys';
import { makeFirstKeys } from '../parts/first-keys';
import { all, aServiceThatIsDeliveredTo } from '../parts/needs';
import { role, usualProd } from '../parts/usual-prod';
import type { Scenario } from '../scenario';
import { type ElsewhereFindings, rotateElsewhere, serversElsewhere } from './deliveries-elsewhere';

export interface DeliveriesFindings extends ElsewhereFindings {
  /** Calls of the server to its provider, and how many of them were refused before somebody ended a key at once. */
  calls: number;
  refused: number;
  /** Ordinary: the old key ends after its overlap. */
  endedAfterOverlap: boolean;
  /** For so long past its overlap the old key was kept for a deployment that took long; and then it ended. */
  keptForDeploymentMs: number;
  endedOnceSteady: boolean;
  /** Of the deployment that ECS rolled back. */
  toldOfRollback: boolean;
  shownByStatus: boolean;
  keptAfterRollback: boolean;
  deliveredByHand: boolean;
  toldThatItIsOver: boolean;
  /** A compromised key ended, although its successor could not be delivered. */
  compromisedEnded: boolean;
}

const keys = (): KeysInput =>
  usualProd({
    'support-bot': {
      team: 'support',
      roles: { prod: role('support-bot') },
      deliverTo: { prod: [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }] },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'], overlapHours: 4, env: 'SENDGRID_API_KEY' }],
    },
    ...serversElsewhere,
  });

export const deliveries: Scenario = {
  name: 'deliveries',
  about: 'a server in ECS takes its key when it starts: deployments that take long, fail and are rolled back',
  days: 7,
  keys,
  needs: all(aServiceThatIsDeliveredTo),
  holds: found => {
    const {
      calls,
      refused,
      callsElsewhere: _,
      refusedElsewhere,
      keptForDeploymentMs,
      ...rest
    } = found as unknown as DeliveriesFindings;
    const isServed = calls > 0 && refused + refusedElsewhere === 0;
    return isServed && keptForDeploymentMs > 0 && Object.values(rest).every(Boolean);
  },

  async play(context, end) {
    const server = openServer(context, end);
    const others = openDeliveredServers(context, end);
    await makeFirstKeys(context);
    await pass(context, hourMs);
    const findings = {
      ...(await rotate(context, server)),
      ...(await rotateWithLongDeployment(context, server)),
      ...(await rotateWithRollback(context, server)),
      calls: server.calls,
      refused: server.refused,
    };
    const foundElsewhere = await rotateElsewhere(context, others);
    Object.assign(context.findings, findings, foundElsewhere, await endAtOnce(context, server));
    await context.world.clock.runUntil(end);
  },
};

/** As ECS runs it: its tasks get the key when they start. */
interface EcsServer extends DeliveredServer {
  now: SecretValue | undefined;
  /** How its deployments go from now on. */
  course(takesMs: number, fails?: boolean): void;
  accepts(value: SecretValue | undefined): boolean;
}

function openServer(context: RehearsalContext, end: Date): EcsServer {
  const { world, environment } = context;
  const key = needed(keysOf(environment).find(isEcs), 'a key that is delivered to ECS');
  const { cluster = '', service: name = '' } = (key.spec.deliverTo ?? []).find(({ to }) => to === 'ecs') as {
    cluster?: string;
    service?: string;
  };
  const { ecsServices, secretsManager, taskDefinitions } = world.model;
  const server: EcsServer = {
    key,
    now: undefined,
    held: () => (server.now ? [server.now] : []),
    calls: 0,
    refused: 0,
    course: (takesMs, fails = false) => ecsServices.setCourse(cluster, name, { takesMs, fails }),
    accepts: value => accepts(context, key, value),
  };
  const valueFrom = `${secretsManager.secret(secretName(key.address)).arn}:secret::`;
  const taskDefinition = taskDefinitions.register(name, {
    executionRoleArn: key.spec.readBy,
    containerDefinitions: [{ name, image: 'bot:1', secrets: [{ name: 'SENDGRID_API_KEY', valueFrom }] }],
  });
  ecsServices.create({
    cluster,
    name,
    taskDefinition,
    desiredCount: 2,
    circuitBreaker: { rollback: true },
    async onStart() {
      server.now = await readKey(context, key);
    },
  });
  keepCalling(context, server, end);
  return server;
}

const isEcs = ({ spec }: Key) => Boolean(spec.deliverTo?.some(({ to }) => to === 'ecs'));
async function rotateNow(context: RehearsalContext, server: EcsServer): Promise<SecretValue | undefined> {
  const old = server.now;
  await context.keyturn(['rotate', shortName(server.key.address), '--yes']);
  return old;
}

async function rotate(context: RehearsalContext, server: EcsServer) {
  server.course(4 * minuteMs);
  const old = await rotateNow(context, server);
  await pass(context, server.key.spec.overlapHours * hourMs + 2 * hourMs);
  return { endedAfterOverlap: !server.accepts(old) && server.now !== old && server.accepts(server.now) };
}

async function rotateWithLongDeployment(context: RehearsalContext, server: EcsServer) {
  const overlapMs = server.key.spec.overlapHours * hourMs;
  const pastMs = 2 * hourMs;
  server.course(overlapMs + pastMs + 30 * minuteMs);
  context.ledger.tell('fault', 'a deployment of the server takes longer than the overlap of its key');
  const old = await rotateNow(context, server);
  await pass(context, overlapMs + pastMs);
  const isKept = server.now === old && server.accepts(old);
  await pass(context, 3 * hourMs);
  return {
    keptForDeploymentMs: isKept ? pastMs : 0,
    endedOnceSteady: isKept && !server.accepts(old) && server.accepts(server.now),
  };
}

async function rotateWithRollback(context: RehearsalContext, server: EcsServer) {
  const { environment, ledger, cliOutput } = context;
  const name = shortName(server.key.address);
  server.course(8 * minuteMs, true);
  ledger.tell('fault', 'tasks of the server fail to start, and ECS rolls their deployment back');
  const began = context.world.clock.now();
  const old = await rotateNow(context, server);
  await pass(context, server.key.spec.overlapHours * hourMs + hourMs);
  const keptAfterRollback = server.now === old && server.accepts(old);
  const toldOfRollback = isTold(context, name, 'could not be delivered', began);
  const before = cliOutput.length;
  await context.keyturn(['status', '--env', environment.name]);
  const shownByStatus = cliOutput.slice(before).join('').includes('deployment failed');
  server.course(4 * minuteMs);
  ledger.tell('note', 'someone fixes what kept the tasks from starting');
  const deliveredByHand = (await context.keyturn(['deliver', name, '--yes'])) === 0;
  await pass(context, 2 * hourMs);
  return {
    toldOfRollback,
    shownByStatus,
    keptAfterRollback,
    deliveredByHand: deliveredByHand && server.now !== old && !server.accepts(old),
    toldThatItIsOver: isTold(context, name, 'is delivered to', began),
  };
}

/** Whoever broke the deployment keeps no stolen key alive by that. */
async function endAtOnce(context: RehearsalContext, server: EcsServer) {
  server.course(dayMs, true);
  const old = server.now;
  await context.keyturn([
    'revoke',
    shortName(server.key.address),
    '--yes',
    '--reason',
    'it was seen in a gist',
  ]);
  await pass(context, hourMs);
  return { compromisedEnded: server.now === old && !server.accepts(old) };
}
