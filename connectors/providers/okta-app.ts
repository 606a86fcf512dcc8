// One OAuth app at Okta, and the calls on its client secrets.
import * as z from 'zod/mini';
import type { Http, HttpCall } from '../http/http';

const text = z.string().check(z.minLength(1));
const domain = z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/));
export const settings = z.strictObject({ domain, appId: text, clientId: text });
export type Settings = z.infer<typeof settings>;
/** An API token (SSWS). */
export const issuer = z.object({ domain, token: text });
const clientSecrets = z.array(
  z.object({ id: z.string(), status: z.string(), client_secret: z.string(), created: z.string() }),
);

/** The secrets of one app, with the issuer's authorization. */
export function secretsOf(http: Http, { token }: z.infer<typeof issuer>, { appId }: Settings) {
  const path = `/api/v1/apps/${encodeURIComponent(appId)}/credentials/secrets`;
  const common = {
    headers: { authorization: `SSWS ${token}` },
    needs: 'the rights of an admin who may manage the app',
  };
  return {
    send: (method: 'POST' | 'DELETE', rest: string, call: Omit<HttpCall, 'needs'>) =>
      http.send(method, path + rest, { ...common, ...call }),
    list: async () => (await http.send('GET', path, { ...common, expect: [200], reply: clientSecrets })).body,
  };
}
