// Node's, and what one test file leaves behind ends with it. Node 20 tells every AsyncLocalStorage that was ever used of every
// promise, and Jest makes one for each file: without this, promises of the hundredth file in a worker take seventy times as long.
const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

const used = new Set();

for (const enable of ['run', 'enterWith']) {
  const real = AsyncLocalStorage.prototype[enable];
  AsyncLocalStorage.prototype[enable] = function (...args) {
    used.add(this);
    return real.apply(this, args);
  };
}

module.exports = class extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
};
