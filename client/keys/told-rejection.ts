// Providers that answer a dead key by another status than 401. Whether an answer to a server says so is told by the words that
// the provider's connector goes by when it verifies a key; it is loaded at the first such answer.
import type { Http, VerdictRules } from '../../connectors/http/http';
import { loadConnector } from '../../connectors/load';
import type { SecretValue } from '../../core/key/secret-value';

/** An answer that can be read, and still be handed on. */
export interface ReadableAnswer {
  status: number;
  /** @returns its body. @throws where it is not JSON */
  json(): Promise<unknown>;
}

/** Of a Response whose body nobody has read. What is no JSON may be long, or never end. */
export function readableAnswer(value: unknown): ReadableAnswer | undefined {
  if (!(value instanceof Response) || value.bodyUsed) return undefined;
  if (!mayTellRejection(value.status) || !value.headers.get('content-type')?.includes('json'))
    return undefined;
  return { status: value.status, json: () => value.clone().json() };
}

/** A 401 says so by itself; of others that say that the request is wrong, their words tell. */
export function mayTellRejection(status: number): boolean {
  return status > 401 ? status < 500 : status === 400;
}

export async function tellsRejection(
  provider: string,
  key: SecretValue,
  { status, json }: ReadableAnswer,
  now: () => number,
): Promise<boolean> {
  try {
    const connector = await loadConnector(provider);
    const answered = answeredWith(status, await json(), now);
    const verdict =
      connector.kind === 'mint'
        ? await connector.verifyToken?.(answered, key.secret)
        : await connector.verify(answered, key, {});
    return verdict === 'rejected';
  } catch {
    // Settings that are not known here, an answer cut short: then the status alone is gone by.
    return false;
  }
}

/** Asks nobody: every probe has been answered already. */
function answeredWith(status: number, body: unknown, now: () => number): Http {
  return {
    now: () => new Date(now()),
    send: () => Promise.reject(),
    probe: async (_method, _path, _request, rules: VerdictRules) =>
      rules.find(([, expected, shape]) => expected === status && shape.safeParse(body).success)?.[0] ??
      'unknown',
  };
}
