// In place of what the functions never use of AWS's SDK: see lib/bundling/slim-sdk.ts.

/** Can be made, since clients make all of their parts at once, and not used. */
export function leftOut(name: string): unknown {
  // No arrow function: only what could be made can stand for what is.
  function refuse(): never {
    throw new Error(`${name} of AWS's SDK is left out of Keyturn's functions`);
  }
  return new Proxy(refuse, { construct: () => new Proxy({}, { get: refuse }) });
}
