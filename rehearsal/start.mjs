// `npm start`: the rehearsal, in a process that is told to be sparing with memory, which can only be told to a process as it begins.
// It runs as one script: what compiles TypeScript as it is loaded would stay, with a thread and the maps of all sources, some 60 MB.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const clone = fileURLToPath(new URL('..', import.meta.url));
const script = await bundle();
await stop();

// Where Node finds what is installed. What an end by force leaves there goes with the kept builds, after a day.
const keptIn = join(clone, 'node_modules/.cache/keyturn');
mkdirSync(keptIn, { recursive: true });
const folder = mkdtempSync(join(keptIn, 'started-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const program = join(folder, 'rehearsal.cjs');
writeFileSync(program, script);

// V8 lets young garbage grow to three times the first, which is 16 MB by default, and keeps pages that are mostly empty. Without both,
// a rehearsal of 60 days has 376 MB at most in the place of 466, for 6% more CPU.
const flags = ['--max-semi-space-size=4', '--optimize-for-size'];
const child = spawn(process.execPath, [...flags, program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  // Each thread that a function runs in leaves freed memory with an allocator of its own, by default up to eight for each core.
  // Known to glibc alone; elsewhere nobody reads them.
  env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', ...process.env },
});
// The terminal tells both; whoever ends this process by its id means the other one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', code => {
  process.exitCode = code ?? 1;
});

async function bundle() {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(clone, 'package.json'), 'utf8'),
  );
  const { outputFiles } = await build({
    entryPoints: [join(clone, 'rehearsal/main.ts')],
    write: false,
    bundle: true,
    // What npm installs stays outside; what only this repository has goes in.
    external: Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }),
    plugins: [{ name: 'paths of sources', setup: keepPaths }],
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  return outputFiles[0].contents;
}

/** Code finds what lies beside its source, and knows that it is one. */
function keepPaths({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    const paths = `const __filename = ${JSON.stringify(path)}, __dirname = ${JSON.stringify(dirname(path))};`;
    return { contents: paths + readFileSync(path, 'utf8'), loader: 'ts' };
  });
}
