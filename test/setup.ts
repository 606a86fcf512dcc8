// What holds in every test: no chance but a seeded one, no address but loopback, and nothing made twice.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { testSeed } from './support/seed';

Math.random = seededRandom(testSeed);

jest.mock('../rehearsal/world/synthesis', () => require('./support/made-once').synthesisOnce());
jest.mock('../rehearsal/world/function-code', () => require('./support/made-once').functionCodeOnce());

// Any other address throws before a socket is opened.
const realFetch = globalThis.fetch;

const guarded: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    throw new Error(`a test tried to reach ${url.origin}; tests talk only to loopback`);
  }
  return realFetch(input, init);
};
// Servers that speak something else are reached through it, too.
globalThis.fetch = Object.assign(guarded, { playsEveryServer: true });

// Read by the functions' logger when it is loaded.
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
