// Builds the programs that the rehearsal calls MCP tools of, as their developers would.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, buildSync, type Metafile } from 'esbuild';
import { keptBuild } from '../../lib/bundling/kept-build';
import { ownConnectorsOf } from '../../lib/config/own-connectors';
import { federationFor, type OwnConnectorInput } from '../../lib/config/providers';

export interface McpPrograms {
  /** Holds `server.mjs`, which uses the client library, and `host.mjs`, which starts a server with `keyturn run`. */
  directory: string;
  /** The server that takes its keys from variables. */
  serverOnEnv: string;
}

/**
 * In the package they lie beside this file.
 * @param directory where they may be written: what a clone keeps is another's to remove, and a sandbox starts them for days
 */
export function mcpPrograms(directory: string): McpPrograms {
  if (!__filename.endsWith('.ts')) return programsIn(join(__dirname, 'mcp-programs'));
  const own = join(directory, 'mcp-programs');
  cpSync(keptBuild('mcp-programs', buildMcpPrograms), own, { recursive: true });
  return programsIn(own);
}

function programsIn(directory: string): McpPrograms {
  return { directory, serverOnEnv: join(directory, 'server-on-env.mjs') };
}

/** @returns what is inside each */
export function buildMcpPrograms(output: string): Metafile[] {
  mkdirSync(output, { recursive: true });
  return [
    bundle(
      join(output, 'server.mjs'),
      withDialects(
        "import { serve } from './mcp-server'; export const handler = serve(dialects, connectors);",
      ),
    ),
    bundle(
      join(output, 'host.mjs'),
      "import { hostServer } from './mcp-host'; export const handler = hostServer();",
    ),
    bundle(
      programsIn(output).serverOnEnv,
      withDialects("import { serveOnEnv } from './mcp-server-on-env'; serveOnEnv(dialects);"),
    ),
  ];
}

/**
 * Dialects of a team's own, and connectors by which its servers reach a provider as their role, as the programs load them.
 * @returns where they are, as the programs' variables tell it
 */
export async function buildOwn(
  providers: readonly string[],
  directory: string,
): Promise<Record<'REHEARSAL_DIALECTS' | 'REHEARSAL_CONNECTORS', string>> {
  const own = Object.values(ownConnectorsOf(providers));
  /** One file for all: what each would have of the suite is in it once. */
  const made = async (what: string, fileOf: (own: OwnConnectorInput) => string | undefined) => {
    const files = own.flatMap(each => fileOf(each) ?? []);
    if (!files.length) return '';
    const outfile = join(directory, `${what}.cjs`);
    const contents = files
      .map((file, index) => `export * as own${index} from ${JSON.stringify(resolve(file))};`)
      .join('\n');
    const stdin = { contents, resolveDir: process.cwd() };
    // What it imports may be CommonJS, and ask where it lies.
    await build({ ...options, format: 'cjs', banner: {}, stdin, outfile });
    return pathToFileURL(outfile).href;
  };
  return {
    REHEARSAL_DIALECTS: await made('own-dialects', ({ dialect }) => dialect),
    REHEARSAL_CONNECTORS: await made('own-connectors', own =>
      'connector' in own && federationFor(own.connector.provider) ? own.file : undefined,
    ),
  };
}

function withDialects(program: string): string {
  const names = readdirSync(join(__dirname, '../providers/dialects')).map(file => file.replace(/\.ts$/, ''));
  const imports = names.map(
    (name, index) => `import * as dialect${index} from '../providers/dialects/${name}';`,
  );
  const all = names.map((_, index) => `...Object.values(dialect${index})`).join(', ');
  return [
    ...imports,
    'const own = async file => (file ? Object.values(await import(file)).flatMap(Object.values) : []);',
    `const dialects = [${all}, ...(await own(process.env.REHEARSAL_DIALECTS))].filter(value => Array.isArray(value?.routes));`,
    'const connectors = (await own(process.env.REHEARSAL_CONNECTORS)).filter(value => value?.provider && value.kind);',
    program,
  ].join('\n');
}

function bundle(outfile: string, contents: string): Metafile {
  const { dir, name } = parse(outfile);
  return buildSync({
    ...options,
    // What the client loads only when it is needed, no server's process holds.
    splitting: true,
    stdin: { contents, resolveDir: __dirname, sourcefile: 'rehearsal/servers/program.ts', loader: 'ts' },
    outdir: dir,
    entryNames: name,
    outExtension: { '.js': '.mjs' },
  }).metafile;
}

const options = {
  absWorkingDir: join(__dirname, '../..'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  metafile: true,
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
} satisfies BuildOptions;
