// The part `ends`: when each key ends, as its value and its provider tell.
import { tellsOf } from '../../../connectors/contract/connector';
import { forEachName } from '../../../connectors/http/slots';
import { loadConnector } from '../../../connectors/load';
import { type EndingKey, findEndingSoon, keyEnd, type TellsEnd } from '../../../core/audit/ends';
import type { AuditFinding, NotCovered, PartAnswer } from '../../../core/audit/finding';
import { shortName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import { isHandMade, type ListedKey, type Provider } from '../../../core/provider';
import { deadLabel, holderOf, type SecretState } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import { createSecretStore, listKeys } from '../secrets/secret-store';
import { couldNotLook } from './not-looked';
import type { AuditRun } from './parts';
import { placeOf } from './provider-part';

/** Providers are asked slowly, and somebody may wait for the page. */
const pageMs = minuteMs;
/** Secrets Manager answers each in milliseconds, and takes thousands a second. */
const keysAtOnce = 10;
/** Of one provider: after as many keys of which it did not tell, the others would wait in vain as well. */
const untoldAtMost = 3;

export async function lookAtEnds(run: AuditRun): Promise<PartAnswer> {
  const { secretsManager, environment, registry, clock, from } = run;
  const { keys } = await listKeys(secretsManager, environment, registry);
  const left = keys
    .map(state => ({ key: shortName(state.address), state }))
    .filter(({ key }) => from === undefined || key > from)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const look = endLook(run);
  const until = clock.now().getTime() + pageMs;
  const findings: AuditFinding[] = [];
  const notCovered: NotCovered[] = [];
  const ends: TellsEnd[] = [];
  let next: string | undefined;
  while (left.length && next === undefined) {
    const some = left.splice(0, keysAtOnce);
    const looks = await Promise.all(some.map(({ state }) => look(state)));
    const endings = looks.flatMap(({ ending }) => ending ?? []);
    notCovered.push(...looks.flatMap(({ missed }) => missed ?? []));
    findings.push(...endings.flatMap(ending => findEndingSoon(ending, clock.now())));
    ends.push(...endings.flatMap(ending => tellsEnd(ending) ?? []));
    if (left.length && (run.isTimeUp() || clock.now().getTime() >= until)) next = some.at(-1)?.key;
  }
  return {
    findings,
    notCovered,
    looked: { 'keys with a known end': ends.length },
    prints: [],
    ends,
    ...(next !== undefined && { next }),
  };
}

function tellsEnd(ending: EndingKey): TellsEnd | undefined {
  const end = keyEnd(ending);
  return end && { key: ending.key, at: end.at.toISOString(), by: end.by };
}

/** Looks at one key; `missed` where its end may be another than its value says. */
function endLook({ secretsManager, registry, providerOf }: AuditRun) {
  const store = createSecretStore(secretsManager, registry);
  const toldEnd = endsAtProviders();
  const untold = new Map<string, number>();
  return async (state: SecretState): Promise<{ ending?: EndingKey; missed?: NotCovered }> => {
    const key = shortName(state.address);
    const what = `${key}: when it ends`;
    const { provider: id } = state.address;
    try {
      const current = await store.read(state, 'AWSCURRENT');
      // Of a dead one, its incident has told.
      if (!current?.value || holderOf(state, deadLabel) === current.versionId) return {};
      const { spec, rotationDueBy } = state;
      const { value } = current;
      const provider = await providerOf(state);
      const ending = {
        key,
        spec,
        value,
        ...(rotationDueBy && { rotationDueBy }),
        ...(isHandMade(provider) && spec.rotatedBy !== 'aws' && { steps: provider.steps }),
      };
      const failures = untold.get(id) ?? 0;
      if (failures >= untoldAtMost) {
        const why = `${id} was not asked, after it had not answered for ${untoldAtMost} other keys`;
        return { ending: { ...ending, told: undefined }, missed: { what, why, failed: true } };
      }
      try {
        return { ending: { ...ending, told: await toldEnd(provider, state, value) } };
      } catch (error) {
        untold.set(id, failures + 1);
        // Its policy and its own value still say when it has to go.
        return { ending: { ...ending, told: undefined }, missed: couldNotLook(what, error) };
      }
    } catch (error) {
      return { missed: couldNotLook(what, error) };
    }
  };
}

/** What the provider says now, where the key's own value cannot say it: of a key that a person made, or took over. */
function endsAtProviders() {
  const lists = forEachName(() => ({ listed: undefined as Promise<ListedKey[]> | undefined }));
  return async (provider: Provider, { address, spec }: SecretState, value: SecretValue) => {
    if (!isHandMade(provider) && value.expiresAt !== undefined) return undefined;
    const connector = await loadConnector(address.provider);
    if ('list' in provider && tellsOf(connector).includes('expiresAt')) {
      // Whoever lists one key lists all that are beside it.
      const place = lists(`${address.provider} ${placeOf(connector, spec)}`);
      place.listed ??= provider.list();
      const found = (await place.listed).find(({ id }) => id === value.keyId);
      if (found) return found.expiresAt;
    }
    return isHandMade(provider) ? provider.expiry(value) : undefined;
  };
}
