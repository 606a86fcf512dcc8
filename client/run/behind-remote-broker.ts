// `keyturn run --broker-at`: the broker runs elsewhere, with the keys and the role that reads them; here are a server and placeholders.
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyturnError } from '../../core/errors';
import { createServerEnvironment } from '../broker/server-environment';
import type { KeySource } from '../keys/sources/key-source';
import { type RunParts, runServer } from './run';

export interface RemoteBroker {
  url: URL;
  token: string;
}

const retryMs = 500;
const answerMs = 5_000;

/** All that the server holds comes with its environment, and stays the same. */
const noKeys: KeySource = {
  givesTokens: async () => false,
  read: () => Promise.reject(new Error('the broker has the keys')),
  statusOf: async () => 'current',
  reject() {},
};

/**
 * @returns the server's exit code
 * @throws {KeyturnError} where the broker is not ready in time, or does not take the token: then nothing was started
 */
export async function runBehindRemoteBroker(
  parts: Omit<RunParts, 'variables' | 'source' | 'countsRequests'>,
  { url, token }: RemoteBroker,
): Promise<number> {
  const by = performance.now() + parts.limits.startMs;
  const ask = (path: string) => askBroker(new URL(path, url), token, by);
  const variables = (await (await ask('/environment.json')).json()) as NodeJS.ProcessEnv;
  const certificate = await (await ask('/certificate.pem')).text();
  const environment = createServerEnvironment({
    proxyUrl: `http://keyturn:${token}@${url.host}`,
    certificate,
    env: parts.env,
  });
  try {
    return await runServer({
      ...parts,
      variables: [],
      source: noKeys,
      env: { ...parts.env, ...environment.variables, ...variables },
      countsRequests: false,
    });
  } finally {
    environment.remove();
  }
}

/** @param by when it must have answered, as `performance.now()` */
async function askBroker(url: URL, token: string, by: number): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(answerMs) }).catch(
    () => undefined,
  );
  if (response?.ok) return response;
  if (response?.status === 401)
    throw new KeyturnError(
      'not-allowed',
      `the broker at ${url.host} does not take the token; give this server the one that the broker was started with`,
    );
  if (performance.now() > by)
    throw new KeyturnError(
      'not-found',
      `the broker at ${url.host} is not ready (${response?.status ?? 'no answer'}); see what it says, and check that this machine reaches it`,
    );
  await sleep(retryMs);
  return askBroker(url, token, by);
}
