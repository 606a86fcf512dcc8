// A cached read of one secret, by this library and by what a Node server would otherwise use, in turns in the same process.
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { createKeys } from '../client';
import { secretName } from '../core/key/key-address';

export interface CachedReads {
  /** Median of all rounds. */
  nsPerRead: Record<string, number>;
  /** Time of `keys.use` by that of each other way: below 1, it is faster. */
  useAgainst: Record<string, number>;
}

const rounds = 15;
const readsPerRound = 20_000;
const longSeconds = 3_600;

export async function benchCachedReads(place: { environment: string; server: string }): Promise<CachedReads> {
  const name = secretName({ ...place, provider: 'gitlab', purpose: 'main' });
  const keys = createKeys({ ...place, usage: 'none' });
  const ways: Record<string, () => Promise<unknown>> = {
    'keyturn use': () => keys.use('gitlab', key => key.secret),
    'keyturn get': () => keys.get('gitlab'),
    'powertools getSecret': () => getSecret(name, { maxAge: longSeconds }),
    'powertools getSecret, parsed': () => getSecret(name, { maxAge: longSeconds, transform: 'json' }),
    'middy secrets-manager': await middyHandler(name),
  };
  const taken: Record<string, number[]> = {};
  // One round more than is counted: the first reads the secret and warms the code.
  for (let round = 0; round <= rounds; round++) {
    for (const [way, read] of Object.entries(ways)) {
      const ns = await timeOf(read, round ? readsPerRound : readsPerRound / 4);
      if (round) taken[way] = [...(taken[way] ?? []), ns];
    }
  }
  const nsPerRead: CachedReads['nsPerRead'] = Object.fromEntries(
    Object.entries(taken).map(([way, times]) => [way, Math.round(median(times))]),
  );
  const use = nsPerRead['keyturn use'] ?? 0;
  const others = Object.entries(nsPerRead).filter(([way]) => !way.startsWith('keyturn'));
  return {
    nsPerRead,
    useAgainst: Object.fromEntries(others.map(([way, ns]) => [way, Number((use / ns).toFixed(2))])),
  };
}

/** A handler that does nothing but have its secret: what middy costs an invocation. */
async function middyHandler(name: string): Promise<() => Promise<unknown>> {
  const [{ default: middy }, { default: secretsManager }] = await Promise.all([
    import('@middy/core'),
    import('@middy/secrets-manager'),
  ]);
  // Without an end: with one, middy holds the process until then.
  const options = { fetchData: { key: name }, cacheExpiry: -1, setToContext: true };
  const handler = middy((async (_event: object, context: { key?: unknown }) => context.key) as never).use(
    secretsManager(options) as never,
  ) as unknown as (event: object, context: object) => Promise<unknown>;
  return () => handler({}, {});
}

async function timeOf(read: () => Promise<unknown>, times: number): Promise<number> {
  const begun = process.hrtime.bigint();
  for (let i = 0; i < times; i++) await read();
  return Number(process.hrtime.bigint() - begun) / times;
}

export function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
