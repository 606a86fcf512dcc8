// Taking out what stops an attack: from a copy of the synthesized templates, or from the functions' bundles on their way there.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundleOptions, connectorOptions } from '../../lib/bundling/bundle';
import { ownAsset } from '../support/linked-assembly';

const root = join(__dirname, '..', '..');

export type Guard =
  /** Something in a template. @returns how many places were changed: none is an error */
  | { takeFromTemplates(resources: Record<string, TemplateResource>): number }
  /** Something in the code: exports of one module that others import, replaced by what guards nothing. */
  | {
      /** `core/rotation/rotation.ts` */
      module: string;
      /** Name of an export -> TypeScript source of the expression in its place: `() => true`. What was there: `original.name`. */
      exports: Record<string, string>;
      /** @default - all */
      functions?: string[];
    };

export interface TemplateResource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever CloudFormation takes
  Properties?: any;
}

/**
 * @param assembly directory of a cloud assembly that `linkAssembly` made
 * @throws where a guard is not there to be taken out
 */
export async function takeOut(guards: readonly Guard[], assembly: string): Promise<void> {
  for (const guard of guards) if ('takeFromTemplates' in guard) takeFromTemplates(guard, assembly);
  const inCode = guards.flatMap(guard => ('module' in guard ? guard : []));
  if (inCode.length) await bundleWithout(inCode, assembly);
}

function takeFromTemplates(
  guard: { takeFromTemplates(resources: Record<string, TemplateResource>): number },
  assembly: string,
): void {
  let changed = 0;
  for (const name of readdirSync(assembly).filter(file => file.endsWith('.template.json'))) {
    const file = join(assembly, name);
    const template = JSON.parse(readFileSync(file, 'utf8')) as {
      Resources?: Record<string, TemplateResource>;
    };
    if (!template.Resources) continue;
    changed += guard.takeFromTemplates(template.Resources);
    writeFileSync(file, JSON.stringify(template));
  }
  if (!changed) throw new Error('the templates have no such guard that could be taken out');
}

/** In place of each linked asset with functions comes one where they are bundled anew. */
async function bundleWithout(
  guards: readonly Extract<Guard, { module: string }>[],
  assembly: string,
): Promise<void> {
  const assets = readdirSync(assembly)
    .map(name => join(assembly, name))
    .filter(asset => existsSync(join(asset, 'rotate.mjs')));
  if (!assets.length) throw new Error(`no asset with functions in ${assembly}`);
  const everywhere = guards.some(guard => !guard.functions);
  const functions = readdirSync(join(root, 'lambda'))
    .filter(file => file.endsWith('.ts'))
    .filter(file => everywhere || guards.some(guard => guard.functions?.includes(basename(file, '.ts'))));
  const replaced = new Set<string>();
  const plain = { minify: false, sourcemap: false };
  const taken = replacedExports(guards, replaced);
  // Of the function that needs the most of the SDK.
  const options = bundleOptions('removal-guard.ts');
  const { outputFiles } = await build({
    ...options,
    ...plain,
    plugins: [taken, ...options.plugins],
    // All at once: what they share is read once. That each then loads more than it needs matters only where it is deployed.
    entryPoints: functions.map(file => join(root, 'lambda', file)),
  });
  if (everywhere) {
    const all = connectorOptions();
    outputFiles.push(...(await build({ ...all, ...plain, plugins: [taken, ...all.plugins] })).outputFiles);
  }
  for (const { module } of guards)
    if (!replaced.has(module)) throw new Error(`no function imports ${module}, so nothing was taken out`);
  for (const asset of assets) {
    ownAsset(asset);
    for (const { path, contents } of outputFiles)
      writeFileSync(join(asset, relative(options.outdir, path)), contents);
  }
}

/** Everybody who imports such a module meets the replacements; the module itself keeps what it has. */
function replacedExports(
  guards: readonly Extract<Guard, { module: string }>[],
  replaced: Set<string>,
): Plugin {
  return {
    name: 'replaced exports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^original:/ }, ({ path }) => ({
        path: path.slice('original:'.length),
        namespace: 'original',
      }));
      onLoad({ filter: /./, namespace: 'original' }, ({ path }) => ({
        contents: readFileSync(path, 'utf8'),
        loader: 'ts',
        resolveDir: join(path, '..'),
      }));
      onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
        const here = guards.filter(({ module }) => join(root, module) === path);
        if (!here.length) return undefined;
        for (const { module } of here) replaced.add(module);
        const source = readFileSync(path, 'utf8');
        const exports = here.flatMap(guard => Object.entries(guard.exports));
        for (const [name] of exports)
          if (!new RegExp(`export (async )?(function|const|class) ${name}\\b`).test(source))
            throw new Error(`${path} exports no ${name}, so it cannot be taken out`);
        const lines = exports.map(([name, expression]) => `export const ${name} = ${expression};`);
        return {
          contents: [
            `import * as original from ${JSON.stringify(`original:${path}`)};`,
            `export * from ${JSON.stringify(`original:${path}`)};`,
            ...lines,
          ].join('\n'),
          loader: 'ts',
          resolveDir: join(path, '..'),
        };
      });
    },
  };
}
