// Sends what is meant for https://<host>/<path> to the fake providers on loopback, and says whom it was meant for.

export const originHeader = 'x-keyturn-origin';

/** @param port where the fake providers listen; addresses on loopback are left alone */
export function routedFetch(port: number, realFetch: typeof fetch): typeof fetch {
  const routed: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.hostname === '127.0.0.1') return realFetch(input, init);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set(originHeader, url.origin);
    const target = `http://127.0.0.1:${port}${url.pathname}${url.search}`;
    return realFetch(input instanceof Request ? new Request(target, input) : target, { ...init, headers });
  };
  // Of servers that speak something else, too: connectors/http/http-exchange.ts asks for this mark.
  return Object.assign(routed, { playsEveryServer: true });
}
