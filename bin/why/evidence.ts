// `keyturn why`: what is known of one key that could tell why it fails. Each source is asked by itself: what one of them refuses is
// told, and keeps nothing else back. No value is read.
import { type Certificate, deathState } from '../../core/ending/certificate';
import { KeyturnError } from '../../core/errors';
import { incidentTime } from '../../core/incident/incident';
import { type KeyAddress, secretName, shortName } from '../../core/key/key-address';
import { aboutRotation } from '../../core/notices/rotation-notice';
import { dayMs } from '../../core/time';
import { readCertificates } from '../../lambda/aws/table/certificates';
import { readProblem } from '../../lambda/aws/table/problems';
import type { Environment, Key } from '../../lib/config/config';
import { type OpenProblem, raisedAlarms, unprovenKeys } from '../aws/account/open-problems';
import { type KeyReporting, serverReports } from '../aws/account/reporting';
import type { Aws } from '../aws/aws';
import { type RecordedIncident, readIncidents, tableOf } from '../aws/functions/emergency';
import { type FunctionError, functionErrors } from '../aws/functions/function-errors';
import { type PlaceStatus, placesOf } from '../aws/keys/deliveries';
import { describeKey, withVersionDates } from '../aws/keys/deployed-keys';
import { type KeyStatus, notDeployed, statusOf } from '../aws/keys/key-status';
import { replicasBehind } from '../aws/keys/replicas';

/** How far back it is looked. */
export const lookedBackDays = 3;

export interface NotLooked {
  what: string;
  why: string;
}

export interface KeyEvidence {
  address: KeyAddress;
  /** `undefined` where nobody may look. */
  status?: KeyStatus;
  /** Those of other regions that have not got what its secret holds. */
  replicasBehind: OpenProblem[];
  /** Where it has to be brought, and whether what is current is there. */
  deliveries: PlaceStatus[];
  /** People were told that its rotation fails, and not yet that it is over. */
  toldAt?: Date;
  rotationErrors: FunctionError[];
  /** Other keys of its provider whose rotations failed meanwhile. */
  othersFailing: string[];
  retireErrors: FunctionError[];
  alarms: OpenProblem[];
  /** Newest first. */
  incidents: RecordedIncident[];
  unproven: OpenProblem[];
  /** Older keys of it that may live. */
  notDead: Certificate[];
  reporting?: KeyReporting;
  notLooked: NotLooked[];
}

export async function gather(
  aws: Aws,
  configured: Key,
  environments: readonly Environment[],
  now: Date,
): Promise<KeyEvidence> {
  const { address } = configured;
  const notLooked: NotLooked[] = [];
  const attempt = async <Found>(what: string, look: () => Promise<Found>): Promise<Found | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof KeyturnError)) throw error;
      notLooked.push({ what, why: error.message });
      return undefined;
    }
  };
  const name = shortName(address);
  const secret = secretName(address);
  const table = tableOf(aws);
  const since = new Date(now.getTime() - lookedBackDays * dayMs);
  const deployed = await attempt('the state of the key', async () => {
    const found = await describeKey(aws, address);
    if (!found)
      return { status: notDeployed(configured), replicas: async () => [], deliveries: async () => [] };
    const dated = await withVersionDates(aws, found);
    const status = statusOf(dated, new Set([name]), now);
    return {
      status,
      replicas: () => replicasBehind(aws, [found]),
      deliveries: () => placesOf(aws, [dated], now),
    };
  });
  const replicas = await attempt('its replicas', async () => deployed?.replicas() ?? []);
  const deliveries = await attempt('its deliveries', async () => deployed?.deliveries() ?? []);
  const told = await attempt('what people were told of its rotation', () =>
    readProblem(table, aboutRotation(address)),
  );
  const rotations =
    (await attempt('the log of its rotations', () =>
      functionErrors(aws, `rotate-${address.provider}`, since),
    )) ?? [];
  const retirements =
    (await attempt('the log of the retire function', () => functionErrors(aws, 'retire', since))) ?? [];
  const alarms = await attempt('alarms', () => raisedAlarms(aws, environments));
  const incidents = await attempt('incidents', () => readIncidents(table, incidentTime(since)));
  const unproven = await attempt('keys that are not proven to be its own', () => unprovenKeys(aws));
  const certificates = await attempt('certificates of its older keys', () => readCertificates(table));
  const reports = await attempt('what its server reports', () => serverReports(aws, [address], now));
  if (reports?.unknown) notLooked.push({ what: 'what its server reports', why: reports.unknown });
  const reporting = reports?.keys[0];
  const ofKey = (problem: OpenProblem) => problem.key === name;
  return {
    address,
    ...(deployed && { status: deployed.status }),
    replicasBehind: replicas ?? [],
    deliveries: deliveries ?? [],
    ...(told?.isOn && { toldAt: new Date(told.at) }),
    rotationErrors: rotations.filter(error => error.secret === secret),
    othersFailing: [...new Set(rotations.flatMap(error => error.secret ?? []))].filter(
      other => other !== secret,
    ),
    retireErrors: retirements.filter(({ message }) => message.split(/[\s:]/).includes(name)),
    alarms: (alarms ?? []).filter(ofKey),
    incidents: (incidents ?? []).filter(incident => shortName(incident.address) === name),
    unproven: (unproven ?? []).filter(ofKey),
    notDead: (certificates ?? []).filter(
      certificate =>
        shortName(certificate.address) === name && ['alive', 'unproven'].includes(deathState(certificate)),
    ),
    ...(reporting && { reporting }),
    notLooked,
  };
}
