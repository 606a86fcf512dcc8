// The part `provider:<id>`: what the provider itself says of its keys, place by place. A place that does not answer is told of, and
// nothing is concluded from it.
import type { Connector } from '../../../connectors/contract/connector';
import { keyturnEnds } from '../../../connectors/contract/made-by';
import { loadConnector } from '../../../connectors/load';
import {
  type AuditFinding,
  emptyAnswer,
  type NotCovered,
  type PartAnswer,
} from '../../../core/audit/finding';
import { findInListing, leftOpen, type ProviderListing } from '../../../core/audit/listed-keys';
import { findPowerfulIssuer, firstFew } from '../../../core/audit/scopes';
import { KeyturnError } from '../../../core/errors';
import { groupedBy } from '../../../core/grouped-by';
import { shortName } from '../../../core/key/key-address';
import type { ListedKey } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { minuteMs } from '../../../core/time';
import { listKeys } from '../secrets/secret-store';
import { type GatheredKey, readKeys } from './held-keys';
import { couldNotLook, unprovenSecrets } from './not-looked';
import type { AuditRun } from './parts';
import { findGone, findStrangers } from './proofs';

/** After as many places in a row, the others would wait in vain as well. */
const unansweredAtMost = 3;

/** A page ends after so long: connections that are silent for minutes get cut. */
const pageMs = minuteMs;
const unusedDaysAtMost = 90;

/** Where keys are listed together. */
interface ProviderAccount {
  name: string;
  states: SecretState[];
}

interface ListedPlace extends ProviderAccount {
  listed: ListedKey[];
  /** Asks again. */
  list(): Promise<ListedKey[]>;
}

export async function lookAtProvider(run: AuditRun): Promise<PartAnswer> {
  const { about: provider = '', environment, secretsManager, registry } = run;
  if (!run.providers.includes(provider)) throw notInUse(environment, provider);
  const connector = await loadConnector(provider);
  const { title } = connector;
  const { keys: states } = await listKeys(secretsManager, environment, registry);
  const its = states.filter(({ address }) => address.provider === provider);
  const isListed = ({ spec }: SecretState) => keepsList(connector, spec);
  const unlisted = its.filter(state => !isListed(state)).map(({ address }) => shortName(address));
  const why = 'it offers no list of its keys';
  if (unlisted.length && unlisted.length === its.length)
    return { ...emptyAnswer(), notCovered: [{ what: `${title}: keys that Keyturn does not know`, why }] };
  const all = placesOf(connector, its.filter(isListed));
  const { from } = run;
  const places = all.filter(({ name }) => from === undefined || name > from);
  const { listed, notCovered, next } = await listPlaces(run, title, places);
  const issuer = from === undefined ? await lookAtIssuer(run, title, all) : emptyAnswer();
  notCovered.push(...issuer.notCovered);
  // After the lists: whatever a secret held before its key was listed, it holds now or has let go of since.
  const { keys, unread, unknown } = await readKeys(run, provider);
  if (from === undefined) {
    notCovered.push(...unprovenSecrets(unknown, registry));
    if (unlisted.length) notCovered.push({ what: `${title}: keys beside ${firstFew(unlisted)}`, why });
  }
  const findings: AuditFinding[] = [...issuer.findings];
  for (const place of listed) {
    const judged = await judge(run, { provider, title, environment }, place, keys, unread);
    findings.push(...judged.findings);
    notCovered.push(...judged.notCovered);
  }
  const hasScopes = connector.scopes === 'required';
  return {
    findings,
    notCovered: [
      ...notCovered,
      ...leftOpen({ title, listed: listed.flatMap(place => place.listed) }, hasScopes),
    ],
    looked: {
      'places at providers': listed.length,
      'keys at providers': listed.reduce((sum, place) => sum + place.listed.length, 0),
    },
    prints: [],
    ...(next !== undefined && { next }),
  };
}

/** True where an admin credential lists the keys that are beside this one. */
function keepsList(connector: Connector, spec: SecretState['spec']): boolean {
  if (spec.rotatedBy === 'aws' && !keyturnEnds(connector, spec)) return false;
  if (connector.kind !== 'revoke-only') return 'list' in connector;
  return connector.revoker.by === 'issuer' && keyturnEnds(connector, spec);
}

/** In the order of their names, so that the next page goes on behind the last. */
function placesOf(connector: Connector, states: readonly SecretState[]): ProviderAccount[] {
  return [...groupedBy(states, ({ spec }) => placeOf(connector, spec))]
    .map(([name, of]) => ({ name, states: of }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function placeOf(connector: Connector, spec: SecretState['spec']): string {
  const settings = connector.settings.safeParse(spec.settings);
  const place = 'placeOf' in connector && settings.success ? connector.placeOf?.(settings.data) : undefined;
  return place ?? JSON.stringify(settings.success ? settings.data : spec.settings);
}

async function listPlaces(
  run: AuditRun,
  title: string,
  places: readonly ProviderAccount[],
): Promise<{ listed: ListedPlace[]; notCovered: NotCovered[]; next?: string }> {
  const listed: ListedPlace[] = [];
  const notCovered: NotCovered[] = [];
  let unanswered = 0;
  const until = run.clock.now().getTime() + pageMs;
  for (const [at, place] of places.entries()) {
    const last = places[at - 1];
    if (last && (run.isTimeUp() || run.clock.now().getTime() >= until))
      return { listed, notCovered, next: last.name };
    const [state] = place.states;
    if (!state) continue;
    if (unanswered >= unansweredAtMost) {
      const rest = places.slice(at).flatMap(({ states }) => states.map(({ address }) => shortName(address)));
      const why = `not asked, after ${unansweredAtMost} places in a row could not be listed`;
      return {
        listed,
        notCovered: [...notCovered, { what: `${title}: keys beside ${firstFew(rest)}`, why, failed: true }],
      };
    }
    try {
      const provider = await run.providerOf(state);
      const list = async () => ('list' in provider ? provider.list() : []);
      listed.push({ ...place, list, listed: await list() });
      unanswered = 0;
    } catch (error) {
      unanswered++;
      const keys = firstFew(place.states.map(({ address }) => shortName(address)));
      notCovered.push(couldNotLook(`${title}: keys beside ${keys}`, error));
    }
  }
  return { listed, notCovered };
}

/** Of all keys of the provider that it makes. */
async function lookAtIssuer(
  { environment, providerOf }: AuditRun,
  title: string,
  places: readonly ProviderAccount[],
): Promise<Pick<PartAnswer, 'findings' | 'notCovered'>> {
  const states = places.flatMap(place => place.states);
  const [state] = states;
  if (!state) return emptyAnswer();
  const provider = await providerOf(state);
  const what = `${title}: what the issuer credential may do besides making keys`;
  if (!('issuerExcess' in provider) || !provider.issuerExcess)
    return { findings: [], notCovered: [{ what, why: 'it does not say' }] };
  try {
    const specs = states.map(({ spec }) => spec);
    const excess = await provider.issuerExcess();
    return {
      findings: findPowerfulIssuer(environment, state.address.provider, excess, specs),
      notCovered: [],
    };
  } catch (error) {
    return { findings: [], notCovered: [couldNotLook(what, error)] };
  }
}

async function judge(
  run: AuditRun,
  of: Pick<ProviderListing, 'provider' | 'title' | 'environment'>,
  place: ListedPlace,
  all: readonly GatheredKey[],
  unread: readonly { key: string; why: string }[],
): Promise<{ findings: AuditFinding[]; notCovered: NotCovered[] }> {
  const names = new Set(place.states.map(({ address }) => shortName(address)));
  const keys = all.filter(({ key }) => names.has(key));
  const listing = { ...of, keys, listed: place.listed };
  const findings = findInListing(listing, run.unusedDays ?? unusedDaysAtMost, run.clock.now());
  try {
    const gone = await findGone(run, listing, place.list);
    const strangers = gone.isElsewhere
      ? { findings: [], notCovered: [] }
      : await findStrangers(run, listing, all, unread, place.list);
    return {
      findings: [...findings, ...gone.findings, ...strangers.findings],
      notCovered: [...gone.notCovered, ...strangers.notCovered],
    };
  } catch (error) {
    const what = `${of.title}: keys beside ${firstFew([...names])} that only one side knows`;
    return { findings, notCovered: [couldNotLook(what, error)] };
  }
}

function notInUse(environment: string, provider: string): KeyturnError {
  return new KeyturnError(
    'bad-event',
    `this function was deployed with no key of the provider ${JSON.stringify(provider.slice(0, 50))} in ${environment}; deploy keyturn-${environment} again`,
  );
}
