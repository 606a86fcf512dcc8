// What every call to GitHub's API has in common, and how an app proves itself.
import * as z from 'zod/mini';
import { signJwt } from '../../http/signed-jwt';

export const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

/** An answer whose message begins, or is, so. */
export const said = (message: RegExp) => z.object({ message: z.string().check(z.regex(message)) });

/** GitHub takes ten minutes at most, and its clock may be behind ours. @throws {KeyturnError} bad-secret */
export function appToken(privateKey: string, appId: string, now: Date): string {
  const issued = Math.floor(now.getTime() / 1000) - 60;
  return signJwt({ iss: appId, iat: issued, exp: issued + 9 * 60 }, privateKey);
}
