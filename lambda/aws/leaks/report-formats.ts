// What each scanner sends, as its documentation says.
import * as z from 'zod/mini';
import type { Find, Scanner } from '../../../core/leaks/leak-report';

/** @returns the finds; `undefined` where the body is not of the form that this scanner sends. */
export function readReport(scanner: Scanner, body: string): Find[] | undefined {
  try {
    return readers[scanner](JSON.parse(body));
  } catch {
    // Not JSON, or nested deeper than the parser goes. The cause would quote the body.
    return undefined;
  }
}

const readers: Record<Scanner, (body: unknown) => Find[] | undefined> = {
  github(body) {
    const read = githubReport.safeParse(body);
    return read.data?.map(({ token, url }) => ({ as: 'text', value: token, ...(url && { where: url }) }));
  },
  gitguardian(body) {
    const read = gitGuardianReport.safeParse(body);
    if (!read.success) return undefined;
    const { incident } = read.data;
    if (!incident?.hmsl_hash || isSettled(incident.status)) return [];
    const { hmsl_hash: value, gitguardian_url: where } = incident;
    return [{ as: 'hmsl', value: value.toLowerCase(), ...(where && { where }) }];
  },
  trufflehog(body) {
    if (typeof body !== 'object' || body === null) return undefined;
    const texts = [...textsIn(body)];
    const where = texts.find(text => /^https?:\/\//.test(text));
    return texts.map(value => ({ as: 'text', value, ...(where && where !== value && { where }) }));
  },
};

/** https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program */
const githubReport = z.array(z.object({ token: z.string(), type: z.string(), url: z.nullish(z.string()) }));

/**
 * https://docs.gitguardian.com/platform/configure-alerting/notifiers-integrations/custom-webhook: never the secret, but its hash for
 * HasMySecretLeaked. Events that are about no incident have none.
 */
const gitGuardianReport = z.object({
  source: z.literal('GitGuardian'),
  incident: z.optional(
    z.object({
      hmsl_hash: z.nullish(z.string().check(z.regex(/^[0-9a-f]{64}$/i))),
      status: z.nullish(z.string()),
      gitguardian_url: z.nullish(z.string()),
    }),
  ),
});

/** Somebody has decided there that it needs nothing done. */
function isSettled(status: string | null | undefined): boolean {
  return /^(ignored|resolved)$/i.test(status ?? '');
}

/** TruffleHog's page about web hooks lists no fields of what it sends, so every text in it may be the key. */
function* textsIn(body: object): Generator<string> {
  const left: unknown[] = [body];
  while (left.length) {
    const value = left.pop();
    if (typeof value === 'string') yield value;
    else if (typeof value === 'object' && value !== null) left.push(...Object.values(value).reverse());
  }
}
