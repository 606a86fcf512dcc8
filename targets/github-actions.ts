// A secret of GitHub Actions, of a repository or of one of its environments: the key itself is put there, sealed. What a run has read it
// keeps, so a delivery waits for runs that began before.
import * as z from 'zod/mini';
import type { Cause } from '../connectors/http/http';
import type { Courier, DeliveryProgress } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { minuteMs, secondMs } from '../core/time';
import { openPlaceApi } from './place-api';
import { type CourierTools, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('github-actions'),
  repository: nameShape(
    /^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}\/(?!\.{1,2}$)[\w.-]{1,100}$/,
    "is not a repository; write its owner and its name, such as 'example/reports'",
  ),
  /** Of the repository. @default - all its jobs may have the secret */
  environment: z.optional(
    nameShape(
      /^(?!\.{1,2}$)[^\s\\].{0,254}$/,
      "is not the name of an environment; write it as GitHub does, such as 'prod'",
    ),
  ),
  secret: nameShape(
    /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,254}$/,
    "is not the name of a secret; write it in upper case as GitHub does, such as 'SENDGRID_API_KEY'",
  ),
});
type GithubPlace = z.output<typeof shape>;

const token = {
  title: 'GitHub Actions',
  needs:
    'a fine-grained personal access token for these repositories alone, with the repository permissions Actions (read), Secrets (read and write) and, where deliverTo names an environment, Environments (read and write)',
};

const titleOf = ({ repository, environment, secret }: GithubPlace) =>
  `the secret ${secret} of ${environment ? `the environment ${environment} of ` : ''}${repository} at GitHub`;

export const githubActions: Target<GithubPlace> = {
  to: 'github-actions',
  shape,
  example: {
    to: 'github-actions',
    repository: 'example/reports',
    environment: 'prod',
    secret: 'SENDGRID_API_KEY',
  },
  // GitHub tells no case in names of repositories and of environments.
  idOf: ({ repository, environment, secret }) =>
    [
      'github-actions',
      repository.toLowerCase(),
      ...(environment ? [encodeURIComponent(environment.toLowerCase())] : []),
      secret,
    ].join('/'),
  titleOf,
  carriesKey: () => true,
  // Half a minute after it was written, one look mostly settles it.
  takesSteps: () => true,
  takesMs: 0,
  holdsOneKey: true,
  token,
  grants: () => [],
  open: openGithub,
};

const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
/** GitHub answers 403 to these, too. */
const causes: Cause[] = [
  [
    'rate-limited',
    z.object({
      message: z
        .string()
        .check(z.regex(/^(API rate limit exceeded|You have exceeded a secondary rate limit)\b/)),
    }),
  ],
];
const common = { headers, causes };

const publicKey = z.object({
  key_id: z.string(),
  key: z.string().check(z.refine(key => Buffer.from(key, 'base64').length === 32)),
});
const moment = z.string().check(z.refine(text => !Number.isNaN(Date.parse(text))));
const told = z.object({ updated_at: moment });
const found = z.object({ total_count: z.number() });

/**
 * Of runs that are not over, as https://docs.github.com/en/rest/actions/workflow-runs names them, and in the order in which a run has them:
 * one that moves on while GitHub is asked for each is met at a later one. Twice, since one whose next job waits for an approval goes back.
 */
const unfinished = ['requested', 'pending', 'waiting', 'queued', 'in_progress'];
const askedFor = [...unfinished, ...unfinished];

/** When GitHub wrote it, by GitHub's clock: not before `from`, and not after `to`. Milliseconds. */
interface WriteWindow {
  from: number;
  to: number;
}

async function openGithub(place: GithubPlace, tools: CourierTools): Promise<Courier> {
  const { seal } = await import('./sealed-box');
  const { repository, environment, secret: name } = place;
  const api = openPlaceApi(
    { to: place.to, token, origin: 'https://api.github.com', title: titleOf(place) },
    tools,
  );
  const secrets = environment
    ? `/repos/${repository}/environments/${encodeURIComponent(environment)}/secrets`
    : `/repos/${repository}/actions/secrets`;

  /** True where some run has not ended that was created until then. */
  async function isReadBefore(to: number): Promise<boolean> {
    const created = `<=${new Date(to).toISOString().slice(0, 19)}Z`;
    for (const status of askedFor) {
      const call = { ...common, query: { status, created, per_page: 1 }, reply: found };
      const { body } = await api.send('GET', `/repos/${repository}/actions/runs`, call);
      if (body.total_count > 0) return true;
    }
    return false;
  }

  const askKey = () => api.send('GET', `${secrets}/public-key`, { ...common, reply: publicKey });

  return {
    async ask() {
      await askKey();
      await isReadBefore(tools.clock.now().getTime());
    },

    async start(key) {
      const { secret } = await key.read();
      const before = await askKey();
      const json = {
        encrypted_value: seal(secret, Buffer.from(before.body.key, 'base64')),
        key_id: before.body.key_id,
      };
      const after = await api.send('PUT', `${secrets}/${name}`, { ...common, json });
      return JSON.stringify({ from: clockOf(before.headers), to: clockOf(after.headers) });
    },

    async look(handle, _key, startedMs) {
      if (startedMs < answersLagMs) return { is: 'under-way' };
      const { from, to } = JSON.parse(handle) as WriteWindow;
      const { body } = await api.send('GET', `${secrets}/${name}`, { ...common, reply: told });
      const at = Date.parse(body.updated_at);
      if (at > to + tickMs) return overwritten;
      if (at < from - tickMs) return lost;
      return { is: (await isReadBefore(to + answersLagMs)) ? 'under-way' : 'steady' };
    },
  };
}

/** GitHub tells seconds. */
const tickMs = secondMs;
/** An answer can be older than what was written just now; and so, perhaps, can what a run reads that is queued by then. */
const answersLagMs = minuteMs / 2;

const overwritten: DeliveryProgress = {
  is: 'failed',
  why: 'someone else has written it since; find out who, and make sure that only Keyturn writes it',
};
const lost: DeliveryProgress = {
  is: 'failed',
  why: 'GitHub accepted it but does not show it; find out who writes there, and deliver again',
};

/** The clock of whoever answered: it is compared with what GitHub tells of the secret, and with no other. */
function clockOf(headers: Headers): number {
  const at = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(at)) return at;
  throw new KeyturnError('bad-reply', 'GitHub answered without a date; check that no proxy removes it');
}
