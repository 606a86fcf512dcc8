// Reads of issuer credentials: nobody but Keyturn's own functions has a reason to.

import { placeOf } from '../../../core/incident/readers';
import { issuersWord } from '../../../core/key/key-address';
import { issuerReadNotice } from '../../../core/notices/other-notices';
import { notify } from '../notify/notify';
import { environmentTable } from '../table/environment-table';
import { hourOf } from '../table/reads';
import { issuerReadKey } from '../table/table';
import type { NamedRead } from './secret-read';

export async function watchIssuer(read: NamedRead, environment: string): Promise<void> {
  const isTaken = placeOf(read.source, read.userAgent) !== 'lambda';
  if (read.isOwn && !isTaken) return;
  const { secretName, principal, at } = read;
  const told = issuerReadKey(secretName, principal, hourOf(read));
  const expiresAt = { N: String(Math.floor(at.getTime() / 1000) + 24 * 60 * 60) };
  // Told first: twice is better than not at all.
  if (await environmentTable.get(told)) return;
  const provider = secretName.slice(`keyturn/${environment}/${issuersWord}/`.length);
  await notify(process.env.KEYTURN_ONCALL_TOPIC!, issuerReadNotice(environment, provider, read));
  await environmentTable.putNew({ ...told, expiresAt });
}
