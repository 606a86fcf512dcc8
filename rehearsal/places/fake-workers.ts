// Workers of Cloudflare: their versions, which deployment serves, and secrets. Docs 2026-11-30:
// https://developers.cloudflare.com/api/resources/workers/subresources/scripts/; source 2026-11-30 for 10215: cloudflare/workers-sdk packages/wrangler/src/secret
import { createHash } from 'node:crypto';
import type { WireCall, WireReply } from '../providers/dialect';
import { type HostedPlace, isBearer, type PlaceRoute, routed } from './hosted-place';

interface Version {
  id: string;
  number: number;
  secrets: ReadonlyMap<string, string>;
}

interface WorkerDeployment {
  id: string;
  versions: { version_id: string; percentage: number }[];
}

interface Worker {
  account: string;
  name: string;
  /** The newest first. */
  versions: Version[];
  deployments: WorkerDeployment[];
}

export interface FakeWorkers extends HostedPlace {
  readonly tokens: Set<string>;
  /** Creates a Worker that serves without secrets. */
  add(account: string, worker: string): void;
  /** Somebody uploads code: a version with the secrets of the one before. @returns its number */
  upload(worker: string): number;
  /** Somebody deploys versions, by number: percent of the requests. */
  deploy(worker: string, percents: Readonly<Record<number, number>>): void;
  /** Numbers of the versions that serve. */
  serving(worker: string): number[];
  /** What each of them reads. */
  secrets(worker: string, name: string): (string | undefined)[];
}

const failure = (status: number, code: number, message: string): WireReply => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});
const success = (result: unknown): WireReply => ({
  status: 200,
  body: { success: true, errors: [], messages: [], result },
});
const undeployed = failure(
  400,
  10215,
  "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
);

export function fakeWorkers(): FakeWorkers {
  const tokens = new Set<string>();
  const workers: Worker[] = [];
  const named = (worker: string) => {
    const found = workers.find(({ name }) => name === worker);
    if (!found) throw new Error(`there is no Worker ${worker}`);
    return found;
  };
  const ofWorker =
    (answer: (worker: Worker, params: Record<string, string>, call: WireCall) => WireReply) =>
    (params: Record<string, string>, call: WireCall): WireReply => {
      if (!isBearer(call, tokens)) return failure(401, 10000, 'Authentication error');
      const worker = workers.find(
        ({ account, name }) => account === params.account && name === params.script,
      );
      return worker
        ? answer(worker, params, call)
        : failure(404, 10007, 'This Worker does not exist on your account.');
    };

  const script = '/client/v4/accounts/{account}/workers/scripts/{script}';
  const routes: PlaceRoute[] = [
    [
      'GET',
      `${script}/versions`,
      ofWorker(({ versions }) => success({ items: versions.slice(0, 10).map(shown) })),
    ],
    [
      'GET',
      `${script}/versions/{version}`,
      ofWorker(({ versions }, { version }) => {
        const found = versions.find(({ id }) => id === version);
        return found ? success(shown(found)) : failure(404, 10009, 'Version not found');
      }),
    ],
    [
      'GET',
      `${script}/deployments`,
      ofWorker(({ deployments }) => success({ deployments: deployments.slice(0, 10) })),
    ],
    [
      'PUT',
      `${script}/secrets`,
      ofWorker((worker, _params, { json }) => {
        const { name, text, type } = json as Record<string, string>;
        const latest = worker.versions[0];
        const serving = worker.deployments[0]?.versions ?? [];
        if (type !== 'secret_text' || !name || !text || !latest) return failure(400, 10021, 'Invalid secret');
        if (serving.length !== 1 || serving[0]?.version_id !== latest.id) return undeployed;
        const version = addVersion(worker, new Map([...latest.secrets, [name, text]]));
        addDeployment(worker, [{ version_id: version.id, percentage: 100 }]);
        return success({ name, type });
      }),
    ],
  ];

  return {
    to: 'cloudflare-worker',
    origin: 'https://api.cloudflare.com',
    tokens,
    add(account, name) {
      const worker: Worker = { account, name, versions: [], deployments: [] };
      workers.push(worker);
      addDeployment(worker, [{ version_id: addVersion(worker, new Map()).id, percentage: 100 }]);
    },
    upload(name) {
      const worker = named(name);
      return addVersion(worker, worker.versions[0]?.secrets ?? new Map()).number;
    },
    deploy(name, percents) {
      const worker = named(name);
      addDeployment(
        worker,
        Object.entries(percents).map(([number, percentage]) => ({
          version_id: worker.versions.find(each => each.number === Number(number))?.id ?? '',
          percentage,
        })),
      );
    },
    serving: name => served(named(name)).map(({ number }) => number),
    secrets: (name, secret) => served(named(name)).map(({ secrets }) => secrets.get(secret)),
    find: (call, now) => routed(routes, call, now),
  };
}

function served({ versions, deployments }: Worker): Version[] {
  const ids = (deployments[0]?.versions ?? []).map(({ version_id }) => version_id);
  return versions.filter(({ id }) => ids.includes(id));
}

const shown = ({ id, number }: Version) => ({ id, number, metadata: { source: 'api' } });

function addVersion(worker: Worker, secrets: ReadonlyMap<string, string>): Version {
  const number = worker.versions.length + 1;
  const version = { id: uuid(`${worker.name} version ${number}`), number, secrets };
  worker.versions.unshift(version);
  return version;
}

function addDeployment(worker: Worker, versions: WorkerDeployment['versions']): void {
  worker.deployments.unshift({
    id: uuid(`${worker.name} deployment ${worker.deployments.length}`),
    versions,
  });
}

function uuid(of: string): string {
  const hex = createHash('sha256').update(of).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
