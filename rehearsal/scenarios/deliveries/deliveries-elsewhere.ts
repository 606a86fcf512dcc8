// Servers elsewhere than in ECS, each over a rotation of its key: in Lambda and AgentCore, with a parameter, in jobs of GitHub Actions, and in a
// Worker at Cloudflare. GitHub has trouble then, and somebody has uploaded code to the Worker that nobody has released.
import { shortName } from '../../../core/key/key-address';
import { hourMs } from '../../../core/time';
import type { Key, ServerInput } from '../../../lib/config/config';
import type { DeliveryTarget } from '../../../targets/targets';
import type { DeliveredServer } from '../../servers/delivered-servers';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { accepts, isTold, pass } from '../parts/delivered-keys';
import { role } from '../parts/usual-prod';

export interface ElsewhereFindings {
  /** Calls of these servers to their provider, and how many of them were refused. */
  callsElsewhere: number;
  refusedElsewhere: number;
  endedElsewhere: boolean;
  /** People were told of each place that had trouble, and that it is over. */
  toldOfPlaces: boolean;
  /** Code that nobody had released served no request before somebody released it. */
  unreleasedStayed: boolean;
}

const server = (name: string, deliverTo: DeliveryTarget[]): ServerInput => ({
  team: 'support',
  roles: { prod: role(name) },
  keys: [{ provider: 'sendgrid', scopes: ['mail.send'], overlapHours: 9, deliverTo }],
});

const worker = 'edge-bot';

export const serversElsewhere: Record<string, ServerInput> = {
  'order-bot': server('order-bot', [{ to: 'lambda', function: 'order-bot', alias: 'live' }]),
  'report-bot': server('report-bot', [{ to: 'lambda', function: 'report-bot' }]),
  'chat-bot': server('chat-bot', [
    { to: 'agentcore-runtime', runtime: 'chat_bot-a1B2c3D4e5' },
    { to: 'agentcore-identity', credentialProvider: 'chat-bot-sendgrid' },
  ]),
  'batch-bot': server('batch-bot', [{ to: 'ssm', parameter: '/batch-bot/sendgrid' }]),
  'build-bot': server('build-bot', [
    {
      to: 'github-actions',
      repository: 'example/build-bot',
      environment: 'prod',
      secret: 'SENDGRID_API_KEY',
    },
  ]),
  'edge-bot': server('edge-bot', [
    {
      to: 'cloudflare-worker',
      account: '0123456789abcdef0123456789abcdef',
      worker,
      secret: 'SENDGRID_API_KEY',
    },
  ]),
};

const troubleMs = 2 * hourMs;
/** Longer than the longest overlap and session among them. */
const restMs = 14 * hourMs;

export async function rotateElsewhere(
  context: RehearsalContext,
  servers: readonly DeliveredServer[],
): Promise<ElsewhereFindings> {
  const { faults, ledger, outside, world } = context;
  const before = servers.map(({ held }) => held());
  const isOutside = servers.some(({ key }) => goesTo(key, 'cloudflare-worker'));
  const began = world.clock.now();
  faults.ofProvider = ({ provider, method }) => {
    if (provider !== 'github-actions') return undefined;
    const isDown = world.clock.now().getTime() - began.getTime() < hourMs / 2;
    if (isDown) return { kind: 'status', status: 503 };
    return method === 'PUT' ? { kind: 'drop-after' } : undefined;
  };
  const serving = isOutside ? outside.workers.serving(worker) : [];
  const uploaded = isOutside ? outside.workers.upload(worker) : 0;
  ledger.tell('fault', 'GitHub has an outage, and someone has uploaded code to a Worker but not released it');
  if (servers.length)
    await context.keyturn(['rotate', ...servers.map(({ key }) => shortName(key.address)), '--yes']);
  await pass(context, troubleMs);
  const unreleasedStayed = !isOutside || outside.workers.serving(worker).join() === serving.join();
  faults.ofProvider = undefined;
  if (isOutside) outside.workers.deploy(worker, { [uploaded]: 100 });
  ledger.tell('note', 'GitHub works again, and the code of the Worker is released');
  await pass(context, restMs);
  return {
    callsElsewhere: servers.reduce((sum, { calls }) => sum + calls, 0),
    refusedElsewhere: servers.reduce((sum, { refused }) => sum + refused, 0),
    endedElsewhere: servers.every(
      ({ key }, at) => before[at]?.length && before[at].every(value => !accepts(context, key, value)),
    ),
    toldOfPlaces: servers
      .filter(({ key }) => goesTo(key, 'github-actions') || goesTo(key, 'cloudflare-worker'))
      .every(({ key }) =>
        ['could not be delivered', 'is delivered to'].every(words =>
          isTold(context, shortName(key.address), words, began),
        ),
      ),
    unreleasedStayed,
  };
}

const goesTo = ({ spec }: Key, kind: string) => spec.deliverTo?.some(({ to }) => to === kind) ?? false;
