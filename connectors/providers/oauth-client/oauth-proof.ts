// Proving a client alive, or dead, by what an authorization server answers to it.
import * as z from 'zod/mini';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Verdict } from '../../contract/connector';
import type { Http, HttpReply } from '../../http/http';
import { asClient, invalidClient, pathOf, placeOf, type Settings } from './oauth-endpoints';
import { clientCredentials } from './oauth-grant';

/** No server has made such a token, so nothing comes of revoking it or looking it up, but that the client is known. */
const form = { token: 'keyturn-probe' };

/** In the order of how little each leaves behind; only the last makes a token, which nobody gets. */
export function proveClient(http: Http, root: SecretValue, settings: Settings): Promise<Verdict> {
  const { revocationUrl, introspectionUrl, tokenUrl } = settings;
  if (revocationUrl) return ask(http, revocationUrl, root, settings, form, revocation);
  if (introspectionUrl)
    return ask(http, introspectionUrl, root, settings, form, z.object({ active: z.boolean() }));
  const minted = z.object({ access_token: z.string() });
  return ask(http, tokenUrl, root, settings, clientCredentials(settings), minted);
}

/** Empty, by RFC 7009; some send JSON. A page of HTML is somebody else's. */
const revocation = z.union([
  z.string().check(z.regex(/^\s*$/)),
  z.looseObject({ error: z.optional(z.never()) }),
]);

export function isRevocationAnswer({ status, text, body }: HttpReply): boolean {
  return status < 300 && revocation.safeParse(body ?? text).success;
}

function ask(
  http: Http,
  url: string,
  root: SecretValue,
  settings: Settings,
  form: Record<string, string>,
  accepted: z.ZodMiniType,
): Promise<Verdict> {
  const request = { ...placeOf(url), ...asClient(root, settings, http.now(), form) };
  // A JWT that a live key signed gets the same words where clocks or audiences differ.
  const dead = settings.authentication === 'private_key_jwt' ? 'denied' : 'rejected';
  return http.probe('POST', pathOf(url), request, [
    ['accepted', 200, accepted],
    [dead, 401, invalidClient],
    [dead, 400, invalidClient],
  ]);
}
