// The client's part of the benchmark. On its own: npx tsx bench/client.ts
import { secretName } from '../core/key/key-address';
import { openSecrets, place } from '../test/support/secrets';
import { benchCachedReads, type CachedReads } from './cached-reads';
import { benchFootprints, type Footprint } from './footprints';
import { countLibrary, type LibraryCounts } from './library';
import { benchReach, type Reach } from './reach';

export interface ClientBench {
  cachedReads: CachedReads;
  footprints: Record<string, Footprint>;
  reach: Reach;
  library: LibraryCounts;
}

export async function benchClient(): Promise<ClientBench> {
  const secrets = await openSecrets();
  try {
    secrets.addSecret('gitlab');
    await secrets.put('gitlab', 'FAKESECRET-bench');
    Object.assign(process.env, { KEYTURN_ENVIRONMENT: place.environment, KEYTURN_SERVER: place.server });
    return {
      cachedReads: await benchCachedReads(place),
      footprints: await benchFootprints(
        secretName({ ...place, provider: 'gitlab', purpose: 'main' }),
        process.env,
      ),
      reach: await benchReach(secrets),
      library: await countLibrary(),
    };
  } finally {
    await secrets.close();
  }
}

if (require.main === module) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  benchClient().then(
    result => void process.stdout.write(`${JSON.stringify(result, null, 2)}\n`),
    error => {
      process.stderr.write(`${(error as Error).stack}\n`);
      process.exitCode = 1;
    },
  );
}
