// Servers that take their key once, when something of theirs starts, as teams run them in Lambda, AgentCore and elsewhere: each calls
// its provider with what it holds, whatever Keyturn has stored since.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretName } from '../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../core/key/secret-value';
import { hourMs, minuteMs } from '../../core/time';
import { type Key, keysOf } from '../../lib/config/config';
import type { DeliveryTarget } from '../../targets/targets';
import type { FakeRun } from '../places/fake-github-actions';
import { routedFetch } from '../providers/routed-fetch';
import { needed } from '../world/needed';
import type { RehearsalContext } from '../world/rehearsal-context';
import type { World } from '../world/world';

export interface DeliveredServer {
  key: Key;
  /** What runs there at the moment, and what each of it holds. */
  held(): readonly SecretValue[];
  calls: number;
  refused: number;
}

const callsEveryMs = 10 * minuteMs;
/** A session of AgentCore lives for almost as long as AWS lets it. */
const sessionMs = 8 * hourMs - minuteMs;
const sessionsEveryMs = 3 * hourMs;
const runsEveryMs = hourMs;
const runMs = 2.5 * hourMs;
/** As long as Cloudflare lets one take. */
const cronMs = 15 * minuteMs;

/** Of each key of the environment that is delivered elsewhere than to ECS, its first such server. */
export function openDeliveredServers(context: RehearsalContext, end: Date): DeliveredServer[] {
  const servers = keysOf(context.environment).flatMap(key => {
    const [place] = placesOf(key).filter(({ to }) => to !== 'ecs');
    const held = place && openPlace(context, key, place, end);
    return held ? [{ key, held, calls: 0, refused: 0 }] : [];
  });
  for (const server of servers) keepCalling(context, server, end);
  return servers;
}

export function keepCalling(context: RehearsalContext, server: DeliveredServer, end: Date): void {
  again(context.world, callsEveryMs, end, 'a call of a server that its key is delivered to', async () => {
    const { providers, clock } = context.world;
    const { address, spec } = server.key;
    for (const value of server.held()) {
      const { url, ...request } = providers.dialect(address.provider).use(value, spec.settings, clock.now());
      const reply = await routedFetch(providers.port, fetch)(url, request);
      await reply.body?.cancel();
      server.calls++;
      if (!reply.ok) server.refused++;
    }
  });
}

/** As the role that the server runs as: the secret's own policy lets it in. @returns nothing before there is a first key */
export async function readKey(
  { world }: RehearsalContext,
  { address, spec }: Key,
): Promise<SecretValue | undefined> {
  const role = needed(spec.readBy, 'the role of a server that its key is delivered to');
  const client = new SecretsManagerClient(world.clientSettings(role, 'server'));
  const SecretId = secretName(address);
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  return parseSecretValue(SecretString, SecretId);
}

function openPlace(context: RehearsalContext, key: Key, place: DeliveryTarget, end: Date) {
  if (place.to === 'lambda') return inLambda(context, key, place);
  if (place.to === 'agentcore-runtime') return inSessions(context, key, end);
  if (place.to === 'ssm') return byParameter(context.world, key, place);
  if (place.to === 'github-actions') return inRuns(context, key, place, end);
  if (place.to === 'cloudflare-worker') return inWorker(context, key, place, end);
  return undefined;
}

function inLambda(
  context: RehearsalContext,
  key: Key,
  { function: name, alias }: Extract<DeliveryTarget, { to: 'lambda' }>,
) {
  let held: SecretValue | undefined;
  context.world.model.configuredFunctions.create({
    name,
    roleArn: key.spec.readBy ?? '',
    ...(alias && { alias }),
    async onStart() {
      held = await readKey(context, key);
    },
  });
  return () => (held ? [held] : []);
}

/** Each begins with the key of that moment, and keeps it to its end. */
function inSessions(context: RehearsalContext, key: Key, end: Date) {
  const { world } = context;
  let sessions: { value: SecretValue; endsAt: number }[] = [];
  again(world, sessionsEveryMs, end, 'a session of AgentCore begins', async () => {
    const value = await readKey(context, key);
    if (value) sessions = [...sessions, { value, endsAt: world.clock.now().getTime() + sessionMs }];
  });
  return () => {
    sessions = sessions.filter(({ endsAt }) => world.clock.now().getTime() < endsAt);
    return sessions.map(({ value }) => value);
  };
}

function byParameter({ model }: World, key: Key, place: Extract<DeliveryTarget, { to: 'ssm' }>) {
  return () => takenFrom(key, model.parameters.value(place.parameter));
}

/** Each run has what the secret was when it was queued, and keeps it to its end. */
function inRuns(
  { world, outside: { github } }: RehearsalContext,
  key: Key,
  place: Extract<DeliveryTarget, { to: 'github-actions' }>,
  end: Date,
) {
  const { repository, secret, environment } = place;
  const { clock } = world;
  let runs: { held: SecretValue[]; run: FakeRun; endsAt: number }[] = [];
  again(world, runsEveryMs, end, 'a run of GitHub Actions begins', async () => {
    const run: FakeRun = { repository, status: 'in_progress', createdAt: clock.now() };
    github.runs.push(run);
    const held = takenFrom(key, github.secret(repository, secret, environment));
    runs.push({ held, run, endsAt: clock.now().getTime() + runMs });
  });
  return () => {
    const isOver = ({ endsAt }: { endsAt: number }) => endsAt <= clock.now().getTime();
    for (const { run } of runs.filter(isOver)) run.status = 'completed';
    runs = runs.filter(run => !isOver(run));
    return runs.flatMap(({ held }) => held);
  };
}

/** Requests have what serves now; a cron trigger has what served when it began. */
function inWorker(
  { world, outside: { workers } }: RehearsalContext,
  key: Key,
  { worker, secret }: Extract<DeliveryTarget, { to: 'cloudflare-worker' }>,
  end: Date,
) {
  const serving = () => workers.secrets(worker, secret).flatMap(value => takenFrom(key, value));
  let began: { held: SecretValue[]; endsAt: number } = { held: [], endsAt: 0 };
  again(world, callsEveryMs, end, 'a cron trigger of a Worker', async () => {
    began = { held: serving(), endsAt: world.clock.now().getTime() + cronMs };
  });
  return () => [...serving(), ...(world.clock.now().getTime() < began.endsAt ? began.held : [])];
}

function takenFrom({ address: { provider } }: Key, secret: string | undefined): SecretValue[] {
  return secret ? [{ secret, provider, keyId: 'as the place has it', issuedAt: '' }] : [];
}

function again(world: World, everyMs: number, end: Date, what: string, act: () => Promise<void>): void {
  const { clock } = world;
  const next = new Date(clock.now().getTime() + everyMs);
  if (next > end) return;
  clock.schedule(next, what, async () => {
    await act();
    again(world, everyMs, end, what, act);
  });
}

/** What a configuration says has one of these shapes. */
const placesOf = ({ spec }: Key) => (spec.deliverTo ?? []) as readonly DeliveryTarget[];
