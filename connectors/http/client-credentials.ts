// OAuth client credentials (RFC 6749, section 4.4), where a provider's keys or issuers are secrets of such clients.
import * as z from 'zod/mini';
import type { Verdict } from '../../core/provider';
import type { Cause, Http, HttpRequest } from './http';
import type { IssuerToken } from './issuer-tokens';

/** The standard's words for a client that failed to prove itself; a bare 401 may come from anybody on the way. */
const invalidClient = z.object({ error: z.literal('invalid_client') });
const granted = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.number() });
const grant = { grant_type: 'client_credentials' };

/** Where the client proves itself: by `basic`, or by fields of the form. */
type ClientRequest = Pick<HttpRequest, 'origin' | 'headers' | 'basic' | 'form'>;

/** @param needs what the client must be, for the text of a refusal */
export async function signInAsClient(
  http: Http,
  path: string,
  { form, ...request }: ClientRequest,
  needs: string,
): Promise<IssuerToken> {
  const causes: Cause[] = [['issuer-rejected', invalidClient]];
  const call = { ...request, form: { ...grant, ...form }, needs, causes, reply: granted };
  const { body } = await http.send('POST', path, call);
  return { token: body.access_token, seconds: body.expires_in };
}

/** Makes a token, which nobody gets. @param dead the words for a secret that is not valid, where the provider has its own */
export function proveClientSecret(
  http: Http,
  path: string,
  { form, ...request }: ClientRequest,
  dead: z.ZodMiniType = invalidClient,
): Promise<Verdict> {
  return http.probe('POST', path, { ...request, form: { ...grant, ...form } }, [
    ['accepted', 200, granted],
    ['rejected', 401, dead],
  ]);
}
