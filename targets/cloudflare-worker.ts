// A secret of a Worker at Cloudflare: the key itself is put there, which makes a version of the Worker with it and deploys that.
import * as z from 'zod/mini';
import type { Cause } from '../connectors/http/http';
import type { Courier, DeliveryProgress } from '../core/delivery/courier';
import { minuteMs } from '../core/time';
import { openPlaceApi } from './place-api';
import { type CourierTools, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('cloudflare-worker'),
  account: nameShape(
    /^[0-9a-f]{32}$/,
    'is not the ID of an account; copy it from the dashboard: 32 hexadecimal digits',
  ),
  worker: nameShape(
    /^[a-z0-9_][a-z0-9_-]{0,62}$/,
    "is not the name of a Worker; write it as Cloudflare does, such as 'support-bot'",
  ),
  secret: nameShape(
    /^[A-Za-z_]\w{0,254}$/,
    "is not the name of a secret; write it as the Worker reads it, such as 'SENDGRID_API_KEY'",
  ),
});
type WorkerPlace = z.output<typeof shape>;

const token = {
  title: 'Cloudflare Workers',
  needs:
    'an API token with the role Workers Editor for these Workers alone and nothing else; where the account has no such roles, with the account permission Workers Scripts (edit)',
};

const titleOf = ({ worker, secret }: WorkerPlace) =>
  `the secret ${secret} of the Cloudflare Worker ${worker}`;

export const cloudflareWorker: Target<WorkerPlace> = {
  to: 'cloudflare-worker',
  shape,
  example: {
    to: 'cloudflare-worker',
    account: '0123456789abcdef0123456789abcdef',
    worker: 'support-bot',
    secret: 'SENDGRID_API_KEY',
  },
  idOf: ({ account, worker, secret }) => `cloudflare-worker/${account}/${worker}/${secret}`,
  titleOf,
  carriesKey: () => true,
  takesSteps: () => false,
  // What began before goes on: a cron trigger or a batch of a queue for up to 15 minutes (https://developers.cloudflare.com/workers/platform/limits/),
  // a Durable Object for 5 where nothing else is set; and a deployment takes seconds to be everywhere.
  takesMs: 20 * minuteMs,
  holdsOneKey: true,
  token,
  grants: () => [],
  open: openWorker,
};

// Cloudflare can say 200 and mean failure: `success` is part of every shape.
const success = z.literal(true);
const put = z.object({ success });
const versions = z.object({
  success,
  result: z.object({ items: z.array(z.object({ number: z.number() })).check(z.minLength(1)) }),
});
const version = z.object({ success, result: z.object({ number: z.number() }) });
const deployments = z.object({
  success,
  result: z.object({
    deployments: z
      .array(z.object({ versions: z.array(z.object({ version_id: z.uuid() })).check(z.minLength(1)) }))
      .check(z.minLength(1)),
  }),
});

/** "The latest version of your Worker isn't currently deployed": a change of secrets would bring into use what nobody has released. */
const undeployed = (code: number) =>
  z.object({
    success: z.literal(false),
    errors: z.array(z.object({ code: z.literal(code) })).check(z.minLength(1)),
  });
const causes: Cause[] = [10214, 10215].map(code => [
  'refused',
  undeployed(code),
  'the latest version of the Worker does not serve all traffic (an older version does, or a gradual deployment is running); deploy the latest version to 100 %, then deliver again',
]);

async function openWorker(place: WorkerPlace, tools: CourierTools): Promise<Courier> {
  const { account, worker, secret: name } = place;
  const api = openPlaceApi(
    { to: place.to, token, origin: 'https://api.cloudflare.com', title: titleOf(place) },
    tools,
  );
  const script = `/client/v4/accounts/${account}/workers/scripts/${worker}`;

  /** The first one in the list is the latest. */
  async function latest(): Promise<number> {
    const { body } = await api.send('GET', `${script}/versions`, { causes, reply: versions });
    return Math.max(...body.result.items.map(({ number }) => number));
  }

  async function numberOf(id: string): Promise<number> {
    const { body } = await api.send('GET', `${script}/versions/${id}`, { causes, reply: version });
    return body.result.number;
  }

  return {
    async ask() {
      await latest();
    },

    async start(key) {
      const { secret } = await key.read();
      const before = await latest();
      const json = { name, text: secret, type: 'secret_text' };
      await api.send('PUT', `${script}/secrets`, { causes, json, reply: put });
      const after = await latest();
      if (after > before) return String(after);
      // Versions can be shown seconds after they were made.
      await tools.clock.sleep(answersLagMs);
      return String(Math.max(await latest(), before + 1));
    },

    /** By numbers of versions: those from ours on have the secret, whoever made them. */
    async look(handle) {
      const { body } = await api.send('GET', `${script}/deployments`, { causes, reply: deployments });
      const [serving] = body.result.deployments;
      for (const { version_id } of serving?.versions ?? [])
        if ((await numberOf(version_id)) < Number(handle)) return earlier;
      return { is: 'steady' };
    },
  };
}
const answersLagMs = minuteMs / 4;

const earlier: DeliveryProgress = {
  is: 'failed',
  why: 'the Worker still serves an older version; deploy the latest version to 100 %',
};
