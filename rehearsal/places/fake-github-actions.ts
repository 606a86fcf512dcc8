// Secrets and workflow runs of GitHub Actions. Docs 2026-11-30: https://docs.github.com/en/rest/actions/secrets,
// https://docs.github.com/en/rest/actions/workflow-runs, https://docs.github.com/en/actions/reference/security/secrets
import { type BoxKeys, box, makeBoxKeys, publicKeyLength } from '../../targets/sealed-box';
import type { WireCall, WireReply } from '../providers/dialect';
import { type HostedPlace, isBearer, type PlaceRoute, routed } from './hosted-place';

export type RunStatus = 'queued' | 'in_progress' | 'requested' | 'waiting' | 'pending' | 'completed';

export interface FakeRun {
  repository: string;
  status: RunStatus;
  createdAt: Date;
}

export interface FakeGithubActions extends HostedPlace {
  /** Those that may write there. */
  readonly tokens: Set<string>;
  readonly runs: FakeRun[];
  /** Creates the repository, or an environment of it. */
  add(repository: string, environment?: string): void;
  /** What a run would read now. */
  secret(repository: string, name: string, environment?: string): string | undefined;
  /** Somebody else writes it. */
  write(repository: string, name: string, value: string, now: Date, environment?: string): void;
}

interface Stored {
  value: string;
  at: Date;
}

interface Holder {
  keys: BoxKeys;
  secrets: Map<string, Stored>;
}

const notFound: WireReply = { status: 404, body: { message: 'Not Found' } };
const badCredentials: WireReply = { status: 401, body: { message: 'Bad credentials' } };

export function fakeGithubActions(): FakeGithubActions {
  const tokens = new Set<string>();
  const holders = new Map<string, Holder>();
  const runs: FakeRun[] = [];
  const nameOf = (repository: string, environment?: string) =>
    JSON.stringify([repository.toLowerCase(), environment]);
  const holderOf = ({ owner, repo, environment }: Record<string, string>) =>
    holders.get(nameOf(`${owner}/${repo}`, environment));
  const ofHolder =
    (answer: (holder: Holder, params: Record<string, string>, call: WireCall, now: Date) => WireReply) =>
    (params: Record<string, string>, call: WireCall, now: Date) => {
      const holder = holderOf(params);
      return holder ? answer(holder, params, call, now) : notFound;
    };

  const publicKey = ofHolder(({ keys }) => ({
    status: 200,
    body: { key_id: keyIdOf(keys.publicKey), key: Buffer.from(keys.publicKey).toString('base64') },
  }));
  const put = ofHolder(({ keys, secrets }, { name = '' }, { json }, now) => {
    const { encrypted_value: sealed, key_id: keyId } = json;
    const value = keyId === keyIdOf(keys.publicKey) ? unseal(String(sealed), keys) : undefined;
    if (value === undefined)
      return { status: 422, body: { message: 'Bad request - secret is not encrypted with the right key' } };
    const isNew = !secrets.has(name);
    secrets.set(name, { value, at: now });
    return { status: isNew ? 201 : 204 };
  });
  const get = ofHolder(({ secrets }, { name = '' }) => {
    const stored = secrets.get(name);
    return stored
      ? { status: 200, body: { name, created_at: inSeconds(stored.at), updated_at: inSeconds(stored.at) } }
      : notFound;
  });
  const listRuns = ({ owner, repo }: Record<string, string>, { query }: WireCall): WireReply => {
    const until = Date.parse(/^<=(.+)$/.exec(query.get('created') ?? '')?.[1] ?? '');
    const found = runs.filter(
      ({ repository, status, createdAt }) =>
        repository.toLowerCase() === `${owner}/${repo}`.toLowerCase() &&
        status === query.get('status') &&
        Math.floor(createdAt.getTime() / 1000) * 1000 <= until,
    );
    return {
      status: 200,
      body: {
        total_count: found.length,
        workflow_runs: found.map(({ status, createdAt }, id) => ({
          id,
          status,
          created_at: inSeconds(createdAt),
        })),
      },
    };
  };

  const ofRepository = '/repos/{owner}/{repo}/actions/secrets';
  const ofEnvironment = '/repos/{owner}/{repo}/environments/{environment}/secrets';
  const routes: PlaceRoute[] = [
    ...[ofRepository, ofEnvironment].flatMap((base): PlaceRoute[] => [
      ['GET', `${base}/public-key`, publicKey],
      ['PUT', `${base}/{name}`, put],
      ['GET', `${base}/{name}`, get],
    ]),
    ['GET', '/repos/{owner}/{repo}/actions/runs', listRuns],
  ];
  const guarded = routes.map(
    ([method, path, answer]): PlaceRoute => [
      method,
      path,
      (params, call, now) => (isBearer(call, tokens) ? answer(params, call, now) : badCredentials),
    ],
  );

  return {
    to: 'github-actions',
    origin: 'https://api.github.com',
    tokens,
    runs,
    add(repository, environment) {
      for (const name of [nameOf(repository), nameOf(repository, environment)])
        if (!holders.has(name)) holders.set(name, { keys: makeBoxKeys(), secrets: new Map() });
    },
    secret: (repository, name, environment) =>
      holders.get(nameOf(repository, environment))?.secrets.get(name)?.value,
    write: (repository, name, value, now, environment) =>
      void holders.get(nameOf(repository, environment))?.secrets.set(name, { value, at: now }),
    find: (call, now) => routed(guarded, call, now),
  };
}

const keyIdOf = (publicKey: Uint8Array) => Buffer.from(publicKey.subarray(0, 8)).readBigUInt64BE().toString();
const inSeconds = (at: Date) => `${at.toISOString().slice(0, 19)}Z`;

/** @returns `undefined` for what was not sealed for these keys */
export function unseal(sealed: string, { publicKey, privateKey }: BoxKeys): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  const once = bytes.subarray(0, publicKeyLength);
  try {
    const opened = box(privateKey, once, [once, publicKey]).decrypt(bytes.subarray(publicKeyLength));
    return Buffer.from(opened).toString();
  } catch {
    // An expected outcome; the cause tells no more.
    return undefined;
  }
}
