// How calls reach a server that speaks no HTTP: a transport carries each as if it were an HTTPS call, so that limits, retries,
// time-outs, redaction and fakes are the same for all. It verifies the server's certificate always. Only connectors that
// declare `transport` import from here.
/** As `fetch` is called. Throws as `fetch` does, where there is no answer. */
export type Transport = (url: URL, call: TransportCall) => Promise<Response>;

export interface TransportCall {
  readonly headers: Headers;
  /** JSON. */
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Where a connection goes, and as whom. */
export interface Login {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** @param port where the address names none */
export function loginOf({ hostname, port: stated }: URL, { headers }: TransportCall, port: number): Login {
  const basic = headers.get('authorization')?.replace(/^Basic /, '') ?? '';
  const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { host: hostname, port: Number(stated || port), user, password: password.join(':') };
}

/** Certificates may be for one, and TLS names none. */
const address = /^[\d.]+$|:/;

/** What connections are secured with: a certificate that is not verified would let anybody on the way read keys. */
export function tlsOptions(host: string, ca: string | undefined) {
  return {
    host,
    rejectUnauthorized: true,
    ...(!address.test(host) && { servername: host }),
    ...(ca && { ca }),
  };
}
