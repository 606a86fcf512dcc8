// Constant load on every MCP server of an environment: each of its tools is called, again and again. One of the servers is
// called twice over: as it is with the client library, and as it is unchanged, behind `keyturn run`.
import { connectorFor } from '../../connectors/index';
import { type KeyAddress, secretName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import {
  type Environment,
  type FederatedKey,
  type Key,
  reachedProviders,
  type Server,
} from '../../lib/config/config';
import { keySecrets, valueAt } from '../world/counts/stored-values';
import type { World } from '../world/world';
import { hostedServer, isOnVariables, variablesOf } from './hosted-server';
import type { HostEvent } from './mcp-host';
import { buildOwn, mcpPrograms } from './mcp-programs';
import type { ToolCall, ToolResult } from './mcp-server';
import type { PlayedWay } from './played-ways';

/** Every tool of every server, this often. */
const everyHours = 6;
/** While a key changes, its tool is called every minute, for so long. */
const closelyMinutes = 10;

export class McpLoad {
  readonly lanes: Record<PlayedWay, Lane> = {
    client: new Lane(),
    tokens: new Lane(),
    federated: new Lane(),
    run: new Lane(),
  };
  /** Server -> the keys whose tools are called every minute, and until when; absent where none are. */
  private readonly closely = new Map<string, Map<Key | FederatedKey, number>>();
  /** What the clients of self-issued keys hold: they fetch theirs at every regular round. */
  private readonly clientKeys = new Map<string, string>();
  private rounds = 0;

  private constructor(
    private readonly world: World,
    private readonly environment: Environment,
    private readonly until: Date,
    /** The server that is called behind `keyturn run`, too; absent where none takes its keys from variables. */
    private readonly hosted: Server | undefined,
  ) {}

  /** @param directory where the servers' programs may be written */
  static async start(
    world: World,
    environment: Environment,
    directory: string,
    until: Date,
  ): Promise<McpLoad> {
    const programs = mcpPrograms(directory);
    const own = await buildOwn(reachedProviders(environment), directory);
    const common = {
      codeDirectory: programs.directory,
      timeoutSeconds: 3600,
      // Little, so that what a server's process keeps for ever shows within a rehearsal.
      memoryMb: 512,
      isService: true,
    };
    for (const server of environment.servers) {
      const { name } = server;
      for (const [program, region] of programsOf(server, environment))
        world.runtime.add({
          ...common,
          name: program,
          roleArn: server.assumedBy ?? server.role,
          handler: 'server.handler',
          environment: {
            AWS_REGION: region,
            KEYTURN_ENVIRONMENT: environment.name,
            KEYTURN_SERVER: name,
            REHEARSAL_TOKENS: JSON.stringify(tokensOf(server)),
            REHEARSAL_FEDERATE: JSON.stringify(federateOf(server)),
            ...own,
            ...roleOf(server),
          },
        });
    }
    const hosted = hostedServer(environment);
    if (hosted) {
      world.runtime.add({
        ...common,
        name: hostOf(hosted),
        roleArn: hosted.assumedBy ?? hosted.role,
        handler: 'host.handler',
        environment: {
          PATH: process.env.PATH ?? '',
          KEYTURN_ENVIRONMENT: environment.name,
          KEYTURN_SERVER: hosted.name,
          ...roleOf(hosted),
          REHEARSAL_SERVER: programs.serverOnEnv,
          REHEARSAL_VARIABLES: variablesOf(hosted).join(' '),
          REHEARSAL_PROVIDER_PORT: String(world.providers.port),
          REHEARSAL_DIALECTS: own.REHEARSAL_DIALECTS,
        },
      });
    }
    const load = new McpLoad(world, environment, until, hosted);
    load.plan(everyHours * 60 * minuteMs, async () => {
      // Behind `keyturn run` every second time: there, a call is the work of three processes.
      const withHost = load.rounds++ % 2 === 1;
      await Promise.all(
        environment.servers.map(server => (withHost ? load.callTools(server) : load.callWithClient(server))),
      );
      load.refreshClients();
      return true;
    });
    return load;
  }

  get total(): number {
    return Object.values(this.lanes).reduce((sum, { total }) => sum + total, 0);
  }

  get failures(): string[] {
    return Object.values(this.lanes).flatMap(({ failures }) => failures);
  }

  /** @param address of a key that is about to change; all of its server's where `provider` is left out */
  lookClosely({ server: name, provider, purpose }: ChangingKey): void {
    const server = this.environment.servers.find(other => other.name === name);
    if (!server) return;
    const watched = this.closely.get(name);
    const watching = watched ?? new Map<Key | FederatedKey, number>();
    const until = this.world.clock.now().getTime() + closelyMinutes * minuteMs;
    for (const key of [...server.keys, ...server.federations]) {
      const { address } = key;
      if (!provider || (address.provider === provider && address.purpose === purpose))
        watching.set(key, until);
    }
    if (watched) return;
    this.closely.set(name, watching);
    this.plan(minuteMs, async () => {
      const { keys, federations } = server;
      // A process that is replaced for one key may fail no call with another.
      const beside =
        name === this.hosted?.name ? keys.find(key => isOnVariables(key) && !watching.has(key)) : undefined;
      const isWatched = (key: Key | FederatedKey) => watching.has(key) || key === beside;
      await this.callTools({
        ...server,
        keys: keys.filter(isWatched),
        federations: federations.filter(isWatched),
      });
      const now = this.world.clock.now().getTime();
      for (const [key, until] of watching) if (until <= now) watching.delete(key);
      // Only now: a call takes time, and another watch that began meanwhile would call beside this one.
      if (!watching.size) this.closely.delete(name);
      return watching.size > 0;
    });
  }

  /** Calls a server's tools so often, for so long. */
  callEvery(everyMs: number, server: Server, forMs: number): void {
    const end = this.world.clock.now().getTime() + forMs;
    this.plan(everyMs, async () => {
      await this.callTools(server);
      return this.world.clock.now().getTime() < end;
    });
  }

  /** Its clients go, and the processes with them that they started. */
  async close(): Promise<void> {
    if (this.hosted) await this.world.runtime.invoke(hostOf(this.hosted), { calls: [], isLast: true });
  }

  /** Again and again, until `round` says that it is enough. */
  private plan(everyMs: number, round: () => Promise<boolean>): void {
    const { clock } = this.world;
    const next = new Date(clock.now().getTime() + everyMs);
    if (next > this.until) return;
    clock.schedule(next, 'calls of MCP tools', async () => {
      if (await round()) this.plan(everyMs, round);
    });
  }

  private refreshClients(): void {
    for (const secret of keySecrets(this.world.model)) {
      const current = valueAt(secret, 'AWSCURRENT');
      if (current) this.clientKeys.set(secret.name, current.secret);
    }
  }

  private async callTools(server: Server): Promise<void> {
    await Promise.all([
      this.callWithClient(server),
      server.name === this.hosted?.name &&
        this.call(
          hostOf(server),
          this.callsWith(server.keys.filter(isOnVariables), () => 'run'),
        ),
    ]);
  }

  private async callWithClient(server: Server): Promise<void> {
    const programs = programsOf(server, this.environment);
    const planned = [...this.callsWith(server.keys, wayOf), ...server.federations.map(federatedCall)];
    await Promise.all(programs.map(([program]) => this.call(program, planned)));
  }

  private callsWith(keys: readonly Key[], wayOf: (key: Key) => PlayedWay): PlannedCall[] {
    return keys.flatMap(key => this.toolCall(key).map(call => ({ way: wayOf(key), call })));
  }

  private async call(program: string, planned: readonly PlannedCall[]): Promise<void> {
    if (!planned.length) return;
    const calls = planned.map(({ call }) => call);
    const event: HostEvent = { calls };
    const outcome = await this.world.runtime.invoke(program, event);
    const at = this.world.clock.now().toISOString();
    const results = outcome.ok
      ? (outcome.result as ToolResult[])
      : calls.map(({ name }): ToolResult => ({ name, ok: false, problem: outcome.error.errorMessage ?? '' }));
    for (const [nth, { way, call }] of planned.entries()) {
      const lane = this.lanes[way];
      const { name, ok, problem } = results[nth] ?? {
        name: call.provider,
        ok: false,
        problem: 'was not answered',
      };
      lane.total++;
      if (!ok) lane.failures.push(`${at} ${program} ${name}: ${problem}`);
    }
  }

  private toolCall({ address, spec, env }: Key): ToolCall[] {
    const secret = this.world.model.secretsManager.find(secretName(address));
    const current = secret && valueAt(secret, 'AWSCURRENT');
    // A server whose key was never issued is not running yet, and one whose secret was deleted no longer.
    if (!current) return [];
    const name = nameOf(address);
    const call = { provider: address.provider, name, settings: spec.settings, env };
    if (connectorFor(address.provider).kind !== 'self-issued') return [call];
    return [{ ...call, presented: this.clientKeys.get(secret.name) ?? current.secret }];
  }
}

type ChangingKey = Pick<KeyAddress, 'server'> & Partial<Pick<KeyAddress, 'provider' | 'purpose'>>;

/** A call, and the way in which its server gets the key for it. */
interface PlannedCall {
  way: PlayedWay;
  call: ToolCall;
}

function wayOf({ address }: Key): PlayedWay {
  return connectorFor(address.provider).kind === 'mint' ? 'tokens' : 'client';
}

export function federatedCall({ address, settings, env }: FederatedKey): PlannedCall {
  const { provider } = address;
  return { way: 'federated', call: { provider, name: nameOf(address), settings, env, isFederated: true } };
}

/** As servers call it. */
function nameOf({ provider, purpose }: KeyAddress): string {
  return purpose === 'main' ? provider : `${provider}/${purpose}`;
}

/** Its tokens have all that the configuration grants. */
function tokensOf({ keys }: Server): Record<string, string[]> {
  const minted = keys.filter(({ address }) => connectorFor(address.provider).kind === 'mint');
  return Object.fromEntries(minted.map(({ address }) => [nameOf(address), []]));
}

function federateOf({ federations }: Server): Record<string, object> {
  return Object.fromEntries(federations.map(({ address, settings }) => [nameOf(address), settings]));
}

/** A server runs wherever its keys are: program and region. */
function programsOf({ name, keys }: Server, { region }: Environment): [string, string][] {
  const others = keys[0]?.spec.replicas ?? [];
  return [[name, region], ...others.map((other): [string, string] => [`${name}-in-${other}`, other])];
}

function hostOf({ name }: Server): string {
  return `${name}-host`;
}

class Lane {
  total = 0;
  readonly failures: string[] = [];
}

/** What a server of another account is told. */
function roleOf({ role, assumedBy }: Server): Record<string, string> {
  return assumedBy ? { KEYTURN_ROLE: role } : {};
}
