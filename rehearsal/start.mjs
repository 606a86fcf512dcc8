// `npm start`: the rehearsal, in a process that is told to be sparing with memory, which can only be told to a process as it
// begins: each thread that a function runs in leaves freed memory with an allocator of its own, by default up to eight for each core.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const flags = ['--import', import.meta.resolve('tsx')];
const child = spawn(process.execPath, [...flags, program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  // Known to glibc alone; elsewhere nobody reads them.
  env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', ...process.env },
});
// The terminal tells both; whoever ends this process by its id means the other one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', code => {
  process.exitCode = code ?? 1;
});
