// Reads of issuer credentials: nobody but Keyturn's own functions has a reason to.
import { issuersWord } from '../../core/key-address';
import { issuerReadNotice } from '../../core/other-notices';
import { placeOf } from '../../core/readers';
import { environmentTable } from './environment-table';
import { notify } from './notify';
import { hourOf } from './reads';
import type { NamedRead } from './secret-read';
import { issuerReadKey } from './table';

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
