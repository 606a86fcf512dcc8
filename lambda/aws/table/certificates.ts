// core/ending/certificate.ts on DynamoDB: one item a key, and one for each second look that is to come.
import type { Certificate, Certificates, CertifiedKey, Look } from '../../../core/ending/certificate';
import { secondLookDue } from '../../../core/ending/certificate';
import { shortName } from '../../../core/key/key-address';
import type { Clock } from '../../../core/provider';
import { dayMs } from '../../../core/time';
import { type Item, number, type Table, text, textAt } from './table';

/** An audit of one year can ask for what ended in the year before it. */
const keptMs = 3 * 365 * dayMs;
/** For so long a second look is tried again. */
const lookedForMs = 14 * dayMs;

const certificates = text('certificate');
const secondLooks = text('second-look');

/** By the provider's id first: that is what people have. */
const certificateKey = ({ address, versionId, keyId = 'never-stored' }: CertifiedKey): Item => ({
  pk: certificates,
  sk: text(`${keyId.slice(0, 500)} ${shortName(address)} ${versionId}`),
});

/** A second look that is due. */
export interface DueLook {
  certificate: Certificate;
  dueAt: Date;
  /** There is nothing more to look for. */
  settle(): Promise<void>;
}

export interface CertificateRecords extends Certificates {
  /** Those that are due, the latest first. */
  due(): Promise<DueLook[]>;
}

export function createCertificates(table: Table, clock: Clock): CertificateRecords {
  const nowMs = () => clock.now().getTime();
  const expiry = (keptFor: number) => ({ expiresAt: number(Math.floor((nowMs() + keptFor) / 1000)) });
  return {
    async add(key, look) {
      const { address, versionId, keyId, of } = key;
      const about = text(JSON.stringify({ address, versionId, keyId, of }));
      const looks = { L: [text(JSON.stringify(look))] };
      const item = certificateKey(key);
      if (!(await table.putNew({ ...item, about, looks, ...expiry(keptMs) }))) {
        await table.change(item, { append: { looks: text(JSON.stringify(look)) } });
      }
      const isLookedAtAgain =
        look.look === 'first' ? look.finding === 'rejected' : look.finding === 'accepted';
      if (!isLookedAtAgain) return;
      const dueAt = secondLookDue(look).toISOString();
      const marker = { pk: secondLooks, sk: text(`${dueAt} ${item.sk?.S}`) };
      await table.putNew({ ...marker, certificate: text(item.sk?.S ?? ''), ...expiry(lookedForMs) });
    },

    async due() {
      const from = new Date(nowMs() - lookedForMs).toISOString();
      const markers = await table.query(secondLooks, from);
      const due = markers.filter(
        ({ sk, settled }) => !settled && Date.parse(sk?.S?.split(' ')[0] ?? '') <= nowMs(),
      );
      const looks = await Promise.all(
        due.map(async marker => {
          const item = await table.get({ pk: certificates, sk: text(textAt(marker, 'certificate')) });
          if (!item) return [];
          return [
            {
              certificate: certificateOf(item),
              dueAt: new Date(textAt(marker, 'sk').split(' ')[0] ?? ''),
              settle: async () => {
                await table.change({ pk: marker.pk, sk: marker.sk } as Item, {
                  set: { settled: number(nowMs()) },
                });
              },
            },
          ];
        }),
      );
      return looks.flat();
    },
  };
}

/** @param keyId absent: every certificate there is */
export async function readCertificates(table: Table, keyId?: string): Promise<Certificate[]> {
  const items = await table.query(certificates, keyId && `${keyId.slice(0, 500)} `);
  return items.map(certificateOf).filter(certificate => keyId === undefined || certificate.keyId === keyId);
}

function certificateOf(item: Item): Certificate {
  const about = JSON.parse(textAt(item, 'about')) as CertifiedKey;
  // One whose answer got lost is sent again, and stands there twice.
  const looks = new Set((item.looks?.L ?? []).flatMap(({ S }) => S ?? []));
  return { ...about, looks: [...looks].map(look => JSON.parse(look) as Look) };
}
