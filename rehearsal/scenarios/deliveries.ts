// A server in ECS that takes its key when a task starts, and keeps it: a rotation, a deployment that takes longer than the overlap, one
// that ECS rolls back, and a key that has to end at once although its successor cannot get there.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretName, shortName } from '../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../core/key/secret-value';
import { dayMs, hourMs, minuteMs } from '../../core/time';
import { type Key, type KeysInput, keysOf } from '../../lib/config/config';
import { routedFetch } from '../providers/routed-fetch';
import { needed } from '../world/needed';
import type { RehearsalContext } from '../world/rehearsal-context';
import { makeFirstKeys } from './first-keys';
import { mailOf } from './incidents';
import { all, aServiceThatIsDeliveredTo } from './needs';
import type { Scenario } from './scenario';

export interface DeliveriesFindings {
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

const account = '111111111111';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;

const keys = (): KeysInput => ({
  environments: {
    prod: {
      account,
      region: 'eu-central-1',
      policy: 'prod',
      admins: [role('platform-admin')],
      notify: { emails: ['oncall@example.com'] },
      trail: 'create',
    },
  },
  servers: {
    'support-bot': {
      team: 'support',
      roles: { prod: role('support-bot') },
      deliverTo: { prod: [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }] },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'], overlapHours: 4, env: 'SENDGRID_API_KEY' }],
    },
  },
});

export const deliveries: Scenario = {
  name: 'deliveries',
  about: 'a server in ECS takes its key when it starts: deployments that take long, fail and are rolled back',
  days: 6,
  keys,
  needs: all(aServiceThatIsDeliveredTo),
  holds: found => {
    const { calls, refused, keptForDeploymentMs, ...rest } = found as unknown as DeliveriesFindings;
    return calls > 0 && refused === 0 && keptForDeploymentMs > 0 && Object.values(rest).every(Boolean);
  },

  async play(context, end) {
    const server = openServer(context, end);
    await makeFirstKeys(context);
    await pass(context, hourMs);
    const findings = {
      ...(await rotate(context, server)),
      ...(await rotateWithLongDeployment(context, server)),
      ...(await rotateWithRollback(context, server)),
      calls: server.calls,
      refused: server.refused,
    };
    Object.assign(context.findings, findings, await endAtOnce(context, server));
    await context.world.clock.runUntil(end);
  },
};

/** As ECS runs it: its tasks get the key when they start. */
interface EcsServer {
  key: Key;
  held: SecretValue | undefined;
  calls: number;
  refused: number;
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
  const { role: runsAs } = needed(
    environment.servers.find(server => server.keys.includes(key)),
    'its server',
  );
  const account = world.providers.account(key.address.provider);
  const server: EcsServer = {
    key,
    held: undefined,
    calls: 0,
    refused: 0,
    course: (takesMs, fails = false) => ecsServices.setCourse(cluster, name, { takesMs, fails }),
    accepts(value) {
      const known = value && account.ownerOf(value.secret);
      return known !== undefined && account.accepts(known);
    },
  };
  const valueFrom = `${secretsManager.secret(secretName(key.address)).arn}:secret::`;
  const taskDefinition = taskDefinitions.register(name, {
    containerDefinitions: [{ name, image: 'bot:1', secrets: [{ name: 'SENDGRID_API_KEY', valueFrom }] }],
  });
  ecsServices.create({
    cluster,
    name,
    taskDefinition,
    desiredCount: 2,
    circuitBreaker: { rollback: true },
    async onStart() {
      const client = new SecretsManagerClient(world.clientSettings(runsAs, 'ecs-tasks'));
      const { SecretString = '' } = await client.send(
        new GetSecretValueCommand({ SecretId: secretName(key.address) }),
      );
      server.held = parseSecretValue(SecretString, 'the key of a task');
    },
  });
  callAgain(context, server, end);
  return server;
}

const isEcs = ({ spec }: Key) => Boolean(spec.deliverTo?.some(({ to }) => to === 'ecs'));
const callsEveryMs = 10 * minuteMs;

function callAgain(context: RehearsalContext, server: EcsServer, end: Date): void {
  const { clock, providers } = context.world;
  const next = new Date(clock.now().getTime() + callsEveryMs);
  if (next > end) return;
  clock.schedule(next, 'a call of a server in ECS', async () => {
    const { held, key } = server;
    if (held) {
      const dialect = providers.dialect(key.address.provider);
      const { url, ...request } = dialect.use(held, key.spec.settings, clock.now());
      const reply = await routedFetch(providers.port, fetch)(url, request);
      await reply.body?.cancel();
      server.calls++;
      if (!reply.ok) server.refused++;
    }
    callAgain(context, server, end);
  });
}

const pass = ({ world: { clock } }: RehearsalContext, ms: number) =>
  clock.runUntil(new Date(clock.now().getTime() + ms));

async function rotateNow(context: RehearsalContext, server: EcsServer): Promise<SecretValue | undefined> {
  const old = server.held;
  await context.keyturn(['rotate', shortName(server.key.address), '--yes']);
  return old;
}

async function rotate(context: RehearsalContext, server: EcsServer) {
  server.course(4 * minuteMs);
  const old = await rotateNow(context, server);
  await pass(context, server.key.spec.overlapHours * hourMs + 2 * hourMs);
  return { endedAfterOverlap: !server.accepts(old) && server.held !== old && server.accepts(server.held) };
}

async function rotateWithLongDeployment(context: RehearsalContext, server: EcsServer) {
  const overlapMs = server.key.spec.overlapHours * hourMs;
  const pastMs = 2 * hourMs;
  server.course(overlapMs + pastMs + 30 * minuteMs);
  context.ledger.tell('fault', 'a deployment of the server takes longer than the overlap of its key');
  const old = await rotateNow(context, server);
  await pass(context, overlapMs + pastMs);
  const isKept = server.held === old && server.accepts(old);
  await pass(context, 3 * hourMs);
  return {
    keptForDeploymentMs: isKept ? pastMs : 0,
    endedOnceSteady: isKept && !server.accepts(old) && server.accepts(server.held),
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
  const keptAfterRollback = server.held === old && server.accepts(old);
  const isTold = (words: string) =>
    mailOf(context).some(
      ({ at, text }) => at > began && text.includes(name) && text.replace(/\s+/g, ' ').includes(words),
    );
  const toldOfRollback = isTold('could not be delivered');
  const before = cliOutput.length;
  await context.keyturn(['status', '--env', environment.name]);
  const shownByStatus = cliOutput.slice(before).join('').includes('deployment failed');
  server.course(4 * minuteMs);
  ledger.tell('note', 'somebody mends what kept the tasks from starting');
  const deliveredByHand = (await context.keyturn(['deliver', name, '--yes'])) === 0;
  await pass(context, 2 * hourMs);
  return {
    toldOfRollback,
    shownByStatus,
    keptAfterRollback,
    deliveredByHand: deliveredByHand && server.held !== old && !server.accepts(old),
    toldThatItIsOver: isTold('is delivered to'),
  };
}

/** Whoever broke the deployment keeps no stolen key alive by that. */
async function endAtOnce(context: RehearsalContext, server: EcsServer) {
  server.course(dayMs, true);
  const old = server.held;
  await context.keyturn([
    'revoke',
    shortName(server.key.address),
    '--yes',
    '--reason',
    'it was seen in a gist',
  ]);
  await pass(context, hourMs);
  return { compromisedEnded: server.held === old && !server.accepts(old) };
}
