// Node's, and what one test file leaves behind ends with it. Node 20 tells every AsyncLocalStorage that was ever used of every
// promise, and Jest makes one for each file: without this, promises of the hundredth file in a worker take seventy times as long.
const { AsyncLocalStorage } = require('node:async_hooks');
const childProcess = require('node:child_process');
const { TestEnvironment } = require('jest-environment-node');

const used = new Set();

for (const enable of ['run', 'enterWith']) {
  const real = AsyncLocalStorage.prototype[enable];
  AsyncLocalStorage.prototype[enable] = function (...args) {
    used.add(this);
    return real.apply(this, args);
  };
}

/** esbuild's, which wait for more to build until their process ends, and keep the modules of their file alive. */
const services = new Set();
const { spawn } = childProcess;

childProcess.spawn = (command, args, ...rest) => {
  const child = spawn(command, args, ...rest);
  if (Array.isArray(args) && args.some(arg => String(arg).startsWith('--service='))) {
    services.add(child);
    child.once('exit', () => services.delete(child));
  }
  return child;
};

module.exports = class extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
    for (const service of services) service.kill();
  }
};
