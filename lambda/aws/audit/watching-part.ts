// The part `watching`: whether keys rotate, servers report, and messages reach people.
import { SNSClient } from '@aws-sdk/client-sns';
import { rotatorOf } from '../../../connectors/contract/made-by';
import { createSlots } from '../../../connectors/http/slots';
import { loadConnector } from '../../../connectors/load';
import type { AuditFinding, NotCovered, PartAnswer } from '../../../core/audit/finding';
import {
  findRotationProblems,
  findSilentServers,
  findUnsubscribed,
  type RotatingKey,
} from '../../../core/audit/watching';
import { shortName } from '../../../core/key/key-address';
import { listenersOf, type NamedMailboxes } from '../../../core/notices/listeners';
import { holderOf, type SecretState } from '../../../core/rotation/secret-store';
import { subscriptionsTo } from '../notify/subscriptions';
import { clientSettings } from '../runtime/client-settings';
import { variable } from '../runtime/handler';
import { listKeys } from '../secrets/secret-store';
import { versionDates } from '../secrets/version-dates';
import { readServerReads } from '../table/server-reads';
import { couldNotLook, unprovenSecrets } from './not-looked';
import type { AuditRun } from './parts';

const asksAtOnce = 10;

export async function lookAtWatching(
  run: AuditRun,
  sns: SNSClient = new SNSClient(clientSettings),
): Promise<PartAnswer> {
  const { environment, registry, secretsManager, table, clock } = run;
  const listed = await listKeys(secretsManager, environment, registry);
  const states = new Map(listed.keys.map(state => [shortName(state.address), state]));
  const looks: { what: string; look: () => Promise<AuditFinding[]> }[] = [
    { what: 'rotations that are under way', look: () => lookAtRotations(run, listed.keys) },
    {
      what: 'servers that report no usage',
      look: async () => {
        const silent = (await readServerReads(table)).filter(({ isTold }) => isTold);
        return findSilentServers(silent, key => states.get(key)?.spec);
      },
    },
    { what: 'mailboxes', look: () => lookAtMailboxes(run, sns) },
  ];
  const findings: AuditFinding[] = [];
  const notCovered: NotCovered[] = unprovenSecrets(listed.unknown, registry);
  for (const { what, look } of looks)
    await look().then(
      found => void findings.push(...found),
      error => void notCovered.push(couldNotLook(what, error)),
    );
  return { findings, notCovered, looked: { rotations: listed.keys.length }, prints: [] };

  async function lookAtRotations(
    { secretsManager }: AuditRun,
    keys: readonly SecretState[],
  ): Promise<AuditFinding[]> {
    const slots = createSlots(asksAtOnce);
    const now = clock.now();
    const each = keys.map(state => slots.run(() => rotatingKey(secretsManager, state)));
    return (await Promise.all(each)).flatMap(key => findRotationProblems(key, now));
  }
}

async function rotatingKey(client: AuditRun['secretsManager'], state: SecretState): Promise<RotatingKey> {
  const { address, spec, arn } = state;
  const pending = holderOf(state, 'AWSPENDING');
  // AWS leaves the label on a version that has become current.
  const isOpen = pending !== undefined && pending !== holderOf(state, 'AWSCURRENT');
  const pendingSince = isOpen ? (await versionDates(client, arn)).get(pending) : undefined;
  return {
    key: shortName(address),
    state,
    shouldRotate: rotatorOf(await loadConnector(address.provider), spec) !== 'person',
    ...(pendingSince && { pendingSince }),
  };
}

async function lookAtMailboxes(
  { environment, variables }: AuditRun,
  sns: SNSClient,
): Promise<AuditFinding[]> {
  const { emails, ofTeams = [] } = JSON.parse(variable('KEYTURN_NOTIFY', variables)) as NamedMailboxes;
  const oncall = await subscriptionsTo(sns, variable('KEYTURN_ONCALL_TOPIC', variables));
  const fallback = await subscriptionsTo(sns, variable('KEYTURN_FALLBACK_TOPIC', variables));
  return [
    ...findUnsubscribed(environment, 'oncall', listenersOf(oncall, { emails, ofTeams })),
    ...findUnsubscribed(environment, 'fallback', listenersOf(fallback, { emails })),
  ];
}
