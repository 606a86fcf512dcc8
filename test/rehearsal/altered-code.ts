// The functions with other limits than the product has. The product has no hook for it: its text is changed on the way into
// the bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(__dirname, '..', '..');

export interface AlteredCode {
  /** `core/rotation/rotation.ts` */
  file: string;
  /** What stands there, and what is put in its place. */
  changes: [string, string][];
}

/** @throws where the source no longer says what is to be changed */
export async function bundleAltered(
  code: AlteredCode,
  outdir: string,
  functions = ['rotate', 'retire', 'emergency-revoke'],
): Promise<void> {
  await build({
    entryPoints: functions.map(name => join(root, 'lambda', `${name}.ts`)),
    outdir,
    bundle: true,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    alias: {
      '@aws-sdk/credential-provider-node': join(root, 'lambda', 'aws', 'runtime', 'env-credentials.ts'),
    },
    logLevel: 'warning',
    plugins: [altering(code)],
  });
  if (!readdirSync(outdir).includes(`${functions[0]}.mjs`))
    throw new Error(`nothing was bundled into ${outdir}`);
}

/** @throws where the source no longer says what is to be changed */
export function altering({ file, changes }: AlteredCode): Plugin {
  const contents = changes.reduce(alter, readFileSync(join(root, file), 'utf8'));
  return {
    name: 'altered code',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === join(root, file) ? { contents, loader: 'ts' } : undefined,
      );
    },
  };
}

function alter(source: string, [from, to]: [string, string]): string {
  if (source.split(from).length !== 2) throw new Error(`the source does not say once:\n${from}`);
  return source.replace(from, () => to);
}
