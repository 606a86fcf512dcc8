// Reads of issuer credentials: nobody but Keyturn's own functions has a reason to.

import { placeOf } from '../../../core/incident/readers';
import { issuersWord } from '../../../core/key/key-address';
import { issuerReadNotice } from '../../../core/notices/other-notices';
import type { Notify } from '../notify/notify';
import { issuerReadKey, type Table } from '../table/table';
import { hourOf } from './known-places';
import type { NamedRead } from './secret-read';

export async function watchIssuer(
  { environment, table, notify }: { environment: string; table: Table; notify: Notify },
  read: NamedRead,
): Promise<void> {
  const isTaken = placeOf(read.source, read.userAgent) !== 'lambda';
  if (read.isOwn && !isTaken) return;
  const { secretName, principal, at } = read;
  const told = issuerReadKey(secretName, principal, hourOf(read));
  const expiresAt = { N: String(Math.floor(at.getTime() / 1000) + 24 * 60 * 60) };
  // Told first: twice is better than not at all.
  if (await table.get(told)) return;
  const provider = secretName.slice(`keyturn/${environment}/${issuersWord}/`.length);
  await notify(issuerReadNotice(environment, provider, read));
  await table.putNew({ ...told, expiresAt });
}
