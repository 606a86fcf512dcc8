// The deliver function is stopped at every one of its calls, before and after AWS has carried it out, and runs again by the hour: in the end
// its server has what is current, and no key has ended under it.
import type { AwsFault, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { hourMs } from '../../../../core/time';
import { fakeGithubActions } from '../../../../rehearsal/places/fake-github-actions';
import { fakeWorkers } from '../../../../rehearsal/places/fake-workers';
import type { HostedPlace } from '../../../../rehearsal/places/hosted-place';
import { valueAt } from '../../../../rehearsal/world/counts/stored-values';
import { hostPlaces } from '../../../support/hosted-places';
import { type DeliverSetup, name, openDeliverSetup } from './deliver-setup';

interface Kind {
  place: { to: string };
  add(setup: DeliverSetup): void;
  /** What has the place, where it is outside AWS. */
  host?(): { api: HostedPlace; runsWith(): string | undefined };
  /** The key that its server works with. @default - what its tasks or environments read when they started */
  runsWith?(setup: DeliverSetup): string | undefined;
  /** Until it looks, again and again, how far the place is. */
  calls: number;
}
const token = 'FAKESECRET-of-a-place';
/** So often a call to a place is sent. */
const sends = 4;
const lambda = { to: 'lambda', function: 'bot' };
const kinds: Record<string, Kind> = {
  'a service of ECS': {
    place: { to: 'ecs', cluster: 'mcp', service: 'bot' } as Kind['place'],
    add: setup => setup.addService(),
    calls: 16,
  },
  'a function of Lambda': { place: lambda, add: setup => setup.addFunction(), calls: 15 },
  'an alias of a function of Lambda': {
    place: { ...lambda, alias: 'live' } as Kind['place'],
    add: setup => setup.addFunction({ alias: 'live' }),
    calls: 30,
  },
  'an SSM parameter': {
    place: { to: 'ssm', parameter: '/bot/key' } as Kind['place'],
    add: () => {},
    runsWith: ({ aws }) => aws.model.parameters.value('/bot/key'),
    calls: 12,
  },
  'a secret of GitHub Actions': {
    place: { to: 'github-actions', repository: 'example/bot', secret: 'KEY' } as Kind['place'],
    add: () => {},
    host() {
      const api = fakeGithubActions();
      api.tokens.add(token);
      api.add('example/bot');
      return { api, runsWith: () => api.secret('example/bot', 'KEY') };
    },
    calls: 26,
  },
  'a secret of a Worker at Cloudflare': {
    place: {
      to: 'cloudflare-worker',
      account: 'a'.repeat(32),
      worker: 'bot',
      secret: 'KEY',
    } as Kind['place'],
    add: () => {},
    host() {
      const api = fakeWorkers();
      api.tokens.add(token);
      api.add('a'.repeat(32), 'bot');
      return { api, runsWith: () => api.secrets('bot', 'KEY')[0] };
    },
    calls: 19,
  },
  'a credential provider of AgentCore': {
    place: { to: 'agentcore-identity', credentialProvider: 'bot' } as Kind['place'],
    add: ({ aws, secretArn: arn }) =>
      aws.model.agentCore.putCredentialProvider({ name: 'bot', secret: { arn, jsonKey: 'secret' } }),
    // Whoever asks it gets what is current.
    runsWith: ({ aws }) => valueAt(aws.model.secretsManager.secret(name), 'AWSCURRENT')?.secret,
    calls: 8,
  },
};

const lastTaken = ({ taken }: DeliverSetup) => taken.at(-1)?.replace('bot: ', '');

async function rotateWithStop(
  stopAt: number,
  kind: 'refuse-before' | 'lose-answer',
  { place, add, host, runsWith = lastTaken }: Kind,
) {
  let calls = Number.NEGATIVE_INFINITY;
  const intercept = ({ caller }: InterceptedCall): AwsFault | undefined => {
    if (caller.sessionName !== 'keyturn-prod-deliver') return undefined;
    calls++;
    return calls === stopAt ? { kind } : undefined;
  };
  const setup = await openDeliverSetup([place], {
    intercept,
    overlapHours: 1,
    tokens: { [place.to]: token },
  });
  const outside = host?.();
  let lost = 0;
  const hosted = hostPlaces(outside ? [outside.api] : [], setup.aws.clock, () => {
    if (lost === 0 && ++calls === stopAt) lost = sends;
    if (lost === 0) return undefined;
    lost--;
    return kind === 'refuse-before' ? 'drop-before' : 'drop-after';
  });
  const running = () => (outside ? outside.runsWith() : runsWith(setup));
  try {
    add(setup);
    await setup.rotated(await setup.promote('one'));
    await setup.hourly();
    const second = await setup.promote('two');
    calls = 0;
    // What Lambda does with an event that failed.
    await setup.rotated(second).catch(() => setup.rotated(second));
    const ended: { retired: boolean; running: string | undefined }[] = [];
    let made = 0;
    for (let hour = 0; hour < 4; hour++) {
      await setup.aws.passMs(hourMs);
      await setup.hourly().catch(() => {});
      made ||= calls;
      const retired = (await setup.retire()).length > 0;
      if (retired) ended.push({ retired, running: running() });
    }
    return { made, ended, running: running(), told: setup.notices.map(({ state }) => state) };
  } finally {
    hosted.close();
    await setup.close();
  }
}

describe.each(Object.entries(kinds))('%s', (_, each) => {
  test.each(
    (['refuse-before', 'lose-answer'] as const).flatMap(kind =>
      Array.from({ length: each.calls }, (_, at) => [kind, at + 1] as const),
    ),
  )('stopped by %s at call %i', async (kind, stopAt) => {
    const { ended, running, told } = await rotateWithStop(stopAt, kind, each);
    expect(running).toBe('two');
    // The first key ends, and never before the server runs with the second.
    expect(ended).toContainEqual({ retired: true, running: 'two' });
    expect(ended.filter(({ running }) => running !== 'two')).toEqual([]);
    // Whatever was told is over.
    expect(told.filter(state => state === 'begins').length).toBe(
      told.filter(state => state === 'over').length,
    );
  });

  test('a delivery that is not stopped takes more calls than that, and the old key ends once', async () => {
    const { made, ended } = await rotateWithStop(Number.POSITIVE_INFINITY, 'refuse-before', each);
    expect(made).toBeGreaterThan(each.calls);
    expect(ended).toEqual([{ retired: true, running: 'two' }]);
  });
});
