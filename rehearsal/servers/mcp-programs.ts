// Builds the programs that the rehearsal calls MCP tools of, as their developers would.
import { mkdirSync, readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, buildSync, type Metafile } from 'esbuild';
import { ownConnectorsOf } from '../../lib/config/own-connectors';
import { keptBuild } from '../../lib/functions/kept-build';

export interface McpPrograms {
  /** Holds `server.mjs`, which uses the client library, and `host.mjs`, which starts a server with `keyturn run`. */
  directory: string;
  /** The server that takes its keys from variables. */
  serverOnEnv: string;
}

/** In the package they lie beside this file. */
export function mcpPrograms(): McpPrograms {
  return programsIn(
    __filename.endsWith('.ts')
      ? keptBuild('mcp-programs', buildMcpPrograms)
      : join(__dirname, 'mcp-programs'),
  );
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
      withDialects("import { serve } from './mcp-server'; export const handler = serve(dialects);"),
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
 * Dialects of connectors of a team's own, as the programs load them.
 * @returns where each is, as REHEARSAL_DIALECTS tells it
 */
export async function buildOwnDialects(providers: readonly string[], directory: string): Promise<string> {
  const built = Object.entries(ownConnectorsOf(providers)).map(async ([provider, { dialect }]) => {
    if (dialect === undefined) return [];
    const outfile = join(directory, 'own-dialects', `${provider}.cjs`);
    // What a dialect imports may be CommonJS, and ask where it lies.
    await build({ ...options, format: 'cjs', banner: {}, entryPoints: [dialect], outfile });
    return [pathToFileURL(outfile).href];
  });
  return JSON.stringify((await Promise.all(built)).flat());
}

function withDialects(program: string): string {
  const names = readdirSync(join(__dirname, '../providers/dialects')).map(file => file.replace(/\.ts$/, ''));
  const imports = names.map(
    (name, index) => `import * as dialect${index} from '../providers/dialects/${name}';`,
  );
  const all = names.map((_, index) => `...Object.values(dialect${index})`).join(', ');
  return [
    ...imports,
    "const own = await Promise.all(JSON.parse(process.env.REHEARSAL_DIALECTS ?? '[]').map(file => import(file)));",
    `const dialects = [${all}, ...own.flatMap(Object.values)].filter(value => Array.isArray(value?.routes));`,
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
