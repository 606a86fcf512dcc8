// Test only: a server whose API has a fixed address is led to the fake one. The server itself stays as it was published.
'use strict';

const [from, to] = (process.env.TEST_REDIRECT ?? '').split(' ');
const realFetch = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = String(input);
  return realFetch(from && url.startsWith(from) ? `${to}${url.slice(from.length)}` : input, init);
};
