// Starts the authorization server of fixtures/, which Jest cannot load by itself, and sends it what is meant for its origin.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const origin = 'https://login.example.com';
export const initialAccessToken = 'FAKESECRETinitial';
export const adopted = { id: 'adopted:client', secret: 'FAKESECRETadopted %+:/client-secret-of-a-length' };

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = { ...pair.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
/** Of the client `signing`. */
export const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export interface OidcServer {
  /** `fetch` as the connectors see it. */
  fetch: typeof fetch;
  /** Method and path of every request, in order. */
  asked: string[];
  /** The next request that starts so is answered, and the answer gets lost; or it never arrives. */
  lose(asked: string, what: 'answer' | 'request'): void;
  /** A refresh token, as a person's consent gives it. */
  consent(): Promise<string>;
  stop(): void;
}

export async function startOidcServer(): Promise<OidcServer> {
  const options = JSON.stringify({ origin, initialAccessToken, client: adopted, publicKey });
  const child = spawn(
    process.execPath,
    ['--no-warnings', path.join(__dirname, 'fixtures', 'authorization-server.mjs'), options],
    {
      stdio: 'pipe',
    },
  );
  const base = `http://127.0.0.1:${await portOf(child)}`;
  const realFetch = globalThis.fetch;
  const asked: string[] = [];
  let lost: { asked: string; what: 'answer' | 'request' } | undefined;
  return {
    asked,
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.origin !== origin) throw new Error(`asked ${url.origin}, where only ${origin} should be asked`);
      const what = `${init?.method ?? 'GET'} ${url.pathname}`;
      asked.push(what);
      const fault = lost && what.startsWith(lost.asked) ? lost.what : undefined;
      if (fault) lost = undefined;
      if (fault === 'request') throw new TypeError('fetch failed');
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-proto', 'https');
      headers.set('x-forwarded-host', url.host);
      const reply = await realFetch(`${base}${url.pathname}${url.search}`, { ...init, headers });
      if (!fault) return reply;
      await reply.arrayBuffer();
      throw new TypeError('fetch failed');
    },
    lose(asked, what) {
      lost = { asked, what };
    },
    consent: async () => (await realFetch(`${base}/test/consent`)).text(),
    stop: () => process.kill(child.pid!),
  };
}

function portOf(child: ChildProcess): Promise<number> {
  // It warns of Node 20 and of keys for development; what it says is of interest only where it does not start.
  let said = '';
  child.stderr!.on('data', text => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('exit', code =>
      reject(new Error(`the authorization server ended with ${code} before it listened: ${said}`)),
    );
    createInterface({ input: child.stdout! }).on('line', line => {
      const port = /^listening (\d+)$/.exec(line)?.[1];
      if (port) resolve(Number(port));
    });
  });
}
