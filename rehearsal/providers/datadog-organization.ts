// What the kinds of keys of a Datadog organization have in common: who issues, what a refusal looks like, and how lists are paged.
import { type Dialect, unixSeconds, type WireCall, type WireReply } from './dialect';
import { pageFrom } from './key-routes';

export const issuer = {
  apiKey: 'FAKESECRETissuer0000000000000000',
  applicationKey: `FAKESECRETapplication${'0'.repeat(19)}`,
};

export const failure = (status: number, message: string): WireReply => ({
  status,
  body: { errors: [message] },
});
export const forbidden = () => failure(403, 'Forbidden');

/** As the settings of both kinds name it. */
export const ofOrganization = {
  origins: settings => [`https://api.${settings.site}`],
  issuer: settings => ({ site: String(settings.site), ...issuer }),
  delays: { createMs: 3_000, revokeMs: 3_000 },
  pageSize: 100,
  tooMany: (now, resetAt) => ({
    ...failure(429, 'Too many requests'),
    headers: {
      'x-ratelimit-limit': '100',
      'x-ratelimit-period': '60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(unixSeconds(resetAt) - unixSeconds(now)),
    },
  }),
} satisfies Partial<Dialect>;

/** One page as JSON:API. @param limits what stands beside the page in `meta` */
export function listed<Key>(keys: Key[], { query }: WireCall, told: (key: Key) => object, limits: object) {
  const size = Number(query.get('page[size]') ?? 10);
  const { page } = pageFrom(keys, Number(query.get('page[number]') ?? 0) * size, size);
  const meta = { ...limits, page: { total_filtered_count: keys.length } };
  return { status: 200, body: { data: page.map(told), meta } };
}

export function uuid(hex: (length: number) => string): string {
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}
