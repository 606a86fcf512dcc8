// What the kinds of keys of a Datadog organization have in common: who calls, where, and how lists go on.
import * as z from 'zod/mini';
import type { Http } from '../../http/http';
import { everyPage } from '../../http/paging';

/** https://docs.datadoghq.com/getting_started/site/ */
export const site = z._default(
  z.enum([
    'datadoghq.com',
    'us3.datadoghq.com',
    'us5.datadoghq.com',
    'ap1.datadoghq.com',
    'ap2.datadoghq.com',
    'uk1.datadoghq.com',
    'datadoghq.eu',
    'ddog-gov.com',
    'us2.ddog-gov.com',
  ]),
  'datadoghq.com',
);
export const issuer = z.object({ site, apiKey: z.string(), applicationKey: z.string() });
export type Issuer = z.infer<typeof issuer>;

export const api = ({ site }: { site: z.infer<typeof issuer>['site'] }) => `https://api.${site}`;

export const authorized = ({ apiKey, applicationKey }: Pick<Issuer, 'apiKey' | 'applicationKey'>) => ({
  headers: { 'dd-api-key': apiKey, 'dd-application-key': applicationKey },
});

/** Of a key that is not valid, and of an address that the allowlist does not have. */
export const forbidden = z.object({ errors: z.tuple([z.literal('Forbidden')]) });

/** "A few seconds": https://docs.datadoghq.com/account_management/api-app-keys/ */
export const propagation = { createMs: 30_000, revokeMs: 30_000 };

const pageSize = 100;

export function everyKey<Item extends z.ZodMiniType>(
  http: Http,
  issuer: Issuer,
  path: string,
  item: Item,
  needs: string,
): Promise<z.infer<Item>[]> {
  const reply = z.object({
    data: z.array(item),
    meta: z.object({ page: z.object({ total_filtered_count: z.number() }) }),
  });
  return everyPage('Datadog', async (page: number | undefined = 0) => {
    const query = { 'page[size]': pageSize, 'page[number]': page };
    const call = { ...authorized(issuer), query, needs, reply };
    const { data, meta } = (await http.send('GET', path, call)).body;
    const hasMore = data.length > 0 && (page + 1) * pageSize < meta.page.total_filtered_count;
    return { items: data, next: hasMore ? page + 1 : undefined };
  });
}
