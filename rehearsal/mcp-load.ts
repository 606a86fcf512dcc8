// Constant load on every MCP server of an environment: each of its tools is called, again and again.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { connectorFor } from '../connectors/index';
import { secretName } from '../core/key-address';
import type { Environment, Key, Server } from '../lib/config';
import type { ToolCall, ToolResult } from './mcp-server';
import { keySecrets, valueAt } from './stored-values';
import type { World } from './world';

/** Every tool of every server, this often. */
const everyHours = 6;
/** While one of its keys changes, a server is called every minute, for so long. */
const closelyMinutes = 10;
const minuteMs = 60_000;

export class McpLoad {
  total = 0;
  readonly failures: string[] = [];
  /** Server -> until when it is called every minute. */
  private readonly closely = new Map<string, number>();
  /** What the clients of self-issued keys hold: they fetch theirs at every regular round. */
  private readonly clientKeys = new Map<string, string>();

  private constructor(
    private readonly world: World,
    private readonly environment: Environment,
    private readonly until: Date,
  ) {}

  /** @param directory where the servers' program may be written */
  static async start(
    world: World,
    environment: Environment,
    directory: string,
    until: Date,
  ): Promise<McpLoad> {
    const codeDirectory = await bundleServer(directory);
    for (const { name, role } of environment.servers) {
      world.runtime.add({
        name,
        roleArn: role,
        codeDirectory,
        handler: 'server.handler',
        timeoutSeconds: 3600,
        environment: { KEYTURN_ENVIRONMENT: environment.name, KEYTURN_SERVER: name },
        isService: true,
      });
    }
    const load = new McpLoad(world, environment, until);
    load.plan(everyHours * 60 * minuteMs, async () => {
      await Promise.all(environment.servers.map(server => load.callTools(server)));
      load.refreshClients();
      return true;
    });
    return load;
  }

  /** One of the server's keys is about to change. */
  lookClosely(serverName: string): void {
    const now = this.world.clock.now().getTime();
    const isWatched = (this.closely.get(serverName) ?? 0) > now;
    this.closely.set(serverName, now + closelyMinutes * minuteMs);
    const server = this.environment.servers.find(({ name }) => name === serverName);
    if (isWatched || !server) return;
    this.plan(minuteMs, async () => {
      await this.callTools(server);
      return this.world.clock.now().getTime() < this.closely.get(serverName)!;
    });
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
    const calls = server.keys.flatMap(key => this.toolCall(key));
    const outcome = await this.world.runtime.invoke(server.name, { calls });
    this.total += calls.length;
    if (!outcome.ok) {
      this.failures.push(...calls.map(({ name }) => `${server.name} ${name}: ${outcome.error.errorMessage}`));
      return;
    }
    for (const { name, ok, problem } of outcome.result as ToolResult[]) {
      if (!ok)
        this.failures.push(`${this.world.clock.now().toISOString()} ${server.name} ${name}: ${problem}`);
    }
  }

  private toolCall({ address, spec }: Key): ToolCall | [] {
    const secret = keySecrets(this.world.model).find(({ name }) => name === secretName(address))!;
    const current = valueAt(secret, 'AWSCURRENT');
    // A server whose key was never issued is not running yet.
    if (!current) return [];
    const name = address.purpose === 'main' ? address.provider : `${address.provider}/${address.purpose}`;
    const call = { provider: address.provider, name, settings: spec.settings };
    if (connectorFor(address.provider).kind !== 'self-issued') return call;
    return { ...call, presented: this.clientKeys.get(secret.name) ?? current.secret };
  }
}

/** @returns the directory of the program */
async function bundleServer(directory: string): Promise<string> {
  const output = join(directory, 'mcp-server');
  mkdirSync(output, { recursive: true });
  const names = readdirSync(join(__dirname, 'dialects')).map(file => file.replace(/\.ts$/, ''));
  const imports = names.map((name, index) => `import * as dialect${index} from './dialects/${name}';`);
  const all = names.map((_, index) => `...Object.values(dialect${index})`).join(', ');
  await build({
    stdin: {
      contents: `${imports.join('\n')}\nimport { serve } from './mcp-server';\nexport const handler = serve([${all}].filter(value => Array.isArray(value.routes)));`,
      resolveDir: __dirname,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    outfile: join(output, 'server.mjs'),
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return output;
}
