// Tells people of secrets that are named as keys of Keyturn and are not proven to be: once a day each, however often they are met.
import { secretName } from '../../../core/key/key-address';
import { unknownSecretsNotice } from '../../../core/notices/other-notices';
import type { Clock } from '../../../core/provider';
import { dayMs } from '../../../core/time';
import type { Notify } from '../notify/notify';
import { logger } from '../runtime/logger';
import type { UnknownSecret } from '../secrets/secret-store';
import { number, type Table, unknownSecretKey } from '../table/table';

export type TellOfUnknown = (secrets: readonly UnknownSecret[]) => Promise<void>;

interface Tellers {
  table: Table;
  notify: Notify;
  clock: Clock;
}

export function createTellOfUnknown(environment: string, { table, notify, clock }: Tellers): TellOfUnknown {
  return async secrets => {
    const now = clock.now();
    const today = now.toISOString().slice(0, 10);
    const untold: UnknownSecret[] = [];
    for (const secret of secrets)
      if (!(await table.get(unknownSecretKey(secretName(secret.address), today)))) untold.push(secret);
    if (!untold.length) return;
    logger.warn('secrets that are not proven to be keys of Keyturn', { secrets: untold });
    // Told first: twice is better than not at all.
    await notify(unknownSecretsNotice(environment, untold));
    const expiresAt = number(Math.floor((now.getTime() + 2 * dayMs) / 1000));
    for (const { address } of untold)
      await table.putNew({ ...unknownSecretKey(secretName(address), today), expiresAt });
  };
}
