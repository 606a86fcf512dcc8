// Called by EventBridge for every read of a secret of this environment that CloudTrail tells of, some minutes after it.

import { failedReadsAtMost, judgeRead, knownFor, placeOf } from '../core/incident/readers';
import { isKeyName, issuersWord, type KeyAddress, parseSecretName, shortName } from '../core/key/key-address';
import { watchIssuer } from './aws/calls/issuer-reads';
import { type NamedRead, readSecretRead } from './aws/calls/secret-read';
import { systemClock } from './aws/runtime/clock';
import { logger, withSafeErrors } from './aws/runtime/logger';
import {
  countRefusedRead,
  hourOf,
  isKnownPlace,
  raise,
  readerOf,
  rememberPlace,
  seenAgain,
  serverSeenAt,
} from './aws/table/reads';

const environment = process.env.KEYTURN_ENVIRONMENT!;
const admins = JSON.parse(process.env.KEYTURN_ADMINS!) as string[];
const start = `keyturn/${environment}/`;

export const handler = withSafeErrors(async ({ detail }: { detail?: unknown }): Promise<void> => {
  const read = readSecretRead(detail);
  if (!read?.secretName.startsWith(start)) return;
  if (read.secretName.startsWith(`${start}${issuersWord}/`)) await watchIssuer(read, environment);
  // The caller chose the name that was asked for: it may be no key's at all.
  else if (isKeyName(read.secretName)) await watchKey(read, parseSecretName(read.secretName));
});

async function watchKey(read: NamedRead, address: KeyAddress): Promise<void> {
  if (read.errorCode) {
    // A secret or version that is not there is a mistake of somebody who may read.
    if (read.errorCode !== 'AccessDenied' || (await countRefusedRead(address, read)) < failedReadsAtMost)
      return;
    const hour = hourOf(read);
    await raise('failed-reads', address, read, { id: hour, at: new Date(`${hour}:00Z`) });
    return;
  }
  const place = placeOf(read.source, read.userAgent);
  if (await isKnownPlace(address, read.principal, place)) return seenAgain(address, read, place);
  const reader = await readerOf(read, address, admins);
  const seen = {
    reader,
    place,
    isKnown: false,
    ...(reader === 'server' && { serverSeenAt: await serverSeenAt(address) }),
  };
  const signal = judgeRead(seen, systemClock.now());
  if (signal) {
    const incidentId = await raise(signal, address, read);
    logger.warn(`${shortName(address)}: ${signal}`, {
      principal: read.principal,
      source: read.source,
      incidentId,
    });
  }
  // Last: a read that could not be told of is looked at again.
  await rememberPlace(address, read, place, knownFor(seen));
}
