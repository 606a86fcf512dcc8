// Proving a client alive, or dead, by what an authorization server answers to it.
import type { SecretValue } from '../../../core/key/secret-value';
import type { Verdict } from '../../contract/connector';
import type { Http, HttpReply } from '../../http/http';
import { clientAuth, isClientRejected, pathOf, placeOf, type Settings } from './oauth-endpoints';
import { clientCredentials } from './oauth-grant';

/** No server has made such a token, so nothing comes of revoking it or looking it up, but that the client is known. */
const form = { token: 'keyturn-probe' };

/** In the order of how little each leaves behind; only the last makes a token, which nobody gets. */
export function proveClient(http: Http, root: SecretValue, settings: Settings): Promise<Verdict> {
  const { revocationUrl, introspectionUrl, tokenUrl } = settings;
  if (revocationUrl) return ask(http, revocationUrl, root, form, isRevocationAnswer);
  if (introspectionUrl) return ask(http, introspectionUrl, root, form, has('active', 'boolean'));
  return ask(http, tokenUrl, root, clientCredentials(settings), has('access_token', 'string'));
}

/** Empty, by RFC 7009; some send JSON. A page of HTML is somebody else's. */
export function isRevocationAnswer({ status, text, body }: HttpReply): boolean {
  return status === 200 && (text.trim() === '' || body !== undefined);
}

function ask(
  http: Http,
  url: string,
  root: SecretValue,
  form: Record<string, string>,
  accepted: (reply: HttpReply) => boolean,
): Promise<Verdict> {
  const request = { ...placeOf(url), basic: clientAuth(root), form };
  return http.probe('POST', pathOf(url), request, { accepted, rejected: isClientRejected });
}

function has(field: string, type: 'boolean' | 'string') {
  return ({ status, body }: HttpReply): boolean =>
    status === 200 && typeof (body as Record<string, unknown> | undefined)?.[field] === type;
}
