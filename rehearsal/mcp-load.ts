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

/** Every tool of every server, this often. Minutes. */
const everyMinutes = 60;
/** Around a change of key, every minute, for so long. */
const closelyMinutes = 10;

export class McpLoad {
  total = 0;
  readonly failures: string[] = [];
  private closelyUntil = 0;
  /** What the clients of self-issued keys hold: they fetch theirs at every regular round. */
  private readonly clientKeys = new Map<string, string>();

  private constructor(
    private readonly world: World,
    private readonly environment: Environment,
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
    const load = new McpLoad(world, environment);
    load.planNext(until);
    return load;
  }

  /** A key is about to change, or has just changed: look closely. */
  lookClosely = (): void => {
    this.closelyUntil = this.world.clock.now().getTime() + closelyMinutes * 60_000;
  };

  private planNext(until: Date): void {
    const { clock } = this.world;
    const minute = 60_000;
    const now = clock.now().getTime();
    const next =
      now < this.closelyUntil
        ? now + minute
        : (Math.floor(now / (everyMinutes * minute)) + 1) * everyMinutes * minute;
    if (next > until.getTime()) return;
    clock.schedule(new Date(next), 'calls of MCP tools', async () => {
      await Promise.all(this.environment.servers.map(server => this.callTools(server)));
      this.planNext(until);
    });
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
    const presented = this.clientKeys.get(secret.name) ?? current.secret;
    if (this.world.clock.now().getTime() >= this.closelyUntil)
      this.clientKeys.set(secret.name, current.secret);
    return { ...call, presented };
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
