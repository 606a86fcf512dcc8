// Makes one script of a program of this clone. What compiles TypeScript as it is loaded would stay in the process that runs it: a
// thread and the maps of all sources, and at times a service that shares the process's standard error.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const clone = fileURLToPath(new URL('..', import.meta.url));

/** @param source as seen from the clone. @returns CommonJS, which runs where Node finds what this clone has installed */
export async function oneScript(source) {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(clone, 'package.json'), 'utf8'),
  );
  const { outputFiles } = await build({
    entryPoints: [join(clone, source)],
    write: false,
    bundle: true,
    // What npm installs stays outside; what only this repository has goes in.
    external: Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }),
    plugins: [{ name: 'paths of sources', setup: keepPaths }],
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  await stop();
  return outputFiles[0].contents;
}

/** Code finds what lies beside its source, and knows that it is one. */
function keepPaths({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const paths = `const __filename = ${JSON.stringify(path)}, __dirname = ${JSON.stringify(dirname(path))};`;
    // A line for the shell may only stand first.
    return { contents: paths + readFileSync(path, 'utf8').replace(/^#!.*/, ''), loader: 'ts' };
  });
}
