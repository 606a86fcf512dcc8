import { shortName } from '../../core/key/key-address';
import { federationPolicyName, usagePolicyName } from '../../lib/config/aws/names';
import { openFunctions } from '../../lib/config/aws/regions';
import type { BusinessHours } from '../../lib/config/business-hours';
import type { Environment, FederatedKey, Key, Server } from '../../lib/config/config';
import { tokenPlaces } from '../../lib/config/keys/delivery-places';
import { couldBe, type ProviderMetadata, type ProviderName, providers } from '../../lib/config/providers';
import { crowdedWindows } from '../../lib/config/rules/crowding';
import { nextDates } from '../../lib/config/schedule';
import { targetOf } from '../../targets/targets';
import { byHand, isMadeByHand } from '../aws/keys/key-state';
import {
  addUse,
  assumptions,
  dollars,
  formula,
  furtherCopyPrice,
  keyUse,
  type MonthlyUse,
  monthlyUsd,
  platformUse,
} from '../config/cost';
import { federationInWords, planFederation, trustsFor } from '../config/federations';
import { loadConfig } from '../config/load-config';
import { priceSources, pricesAsOf } from '../config/prices';
import { quotaUses, quotaWarnings } from '../config/quotas';
import { type Selection, selectEnvironments, selectEverywhere } from '../config/selection';
import { type Command, type CommandContext, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';
import { localTime, utc } from '../terminal/time-format';

const datesShown = 3;

/** What the configuration means, before or after it is deployed. Does not call AWS. */
export const plan: Command<CommonFlags & Selection & { limits?: boolean }> = async (flags, context) => {
  const config = await loadConfig(flags.config);
  if (flags.limits) return planLimits(selectEnvironments(config, flags.env), flags, context);
  const now = context.clock.now();
  const selected = selectEverywhere(config, flags);
  const use = addUse(selected.map(useOf));
  const quotas = quotaWarnings(selected.map(({ environment }) => environment));
  const facts = {
    environments: selected.map(one => planEnvironment(one, now)),
    monthlyUsd: monthlyUsd(use),
    formula: formula(),
    monthlyUse: use,
    quotas,
    assumptions,
    pricesAsOf,
    priceSources,
  };
  const text = [
    ...facts.environments.map(inWords),
    ...quotas.map(warning => `warning: ${warning}\n`),
    costInWords(facts.monthlyUsd, formula(use)),
  ].join('\n');
  print(context, flags, facts, text);
  return exitCode.done;
};

type EnvironmentPlan = ReturnType<typeof planEnvironment>;
type KeyPlan = ReturnType<typeof planKey>;

interface PlanSelection {
  environment: Environment;
  keys: Key[];
  federations: FederatedKey[];
}

function useOf({ environment, keys }: Pick<PlanSelection, 'environment' | 'keys'>): MonthlyUse {
  return addUse([platformUse(environment), ...keys.map(key => keyUse(key, environment.businessHours))]);
}

function planEnvironment({ environment, keys, federations }: PlanSelection, now: Date) {
  const { name, account, region, businessHours, trail } = environment;
  const names = new Set([...keys, ...federations].map(({ address }) => address.server));
  const servers = environment.servers.filter(server => names.has(server.name));
  return {
    name,
    account,
    region,
    timeZone: businessHours?.timeZone,
    keys: keys.map(key => planKey(key, businessHours, now)),
    federations: federations.flatMap(planFederation),
    policies: servers.flatMap(server => (server.assumedBy ? [] : policiesOf(name, server))),
    platformUsd: monthlyUsd(platformUse(environment)),
    monthlyUsd: monthlyUsd(useOf({ environment, keys })),
    emergencyConcurrency: environment.emergencyConcurrency,
    trail,
    warnings: [
      ...crowdedWindows(environment),
      ...deletableStacks(environment),
      ...openFunctions(environment),
    ],
    preparations: [...preparationsFor(environment), ...trustsFor(environment, federations)],
  };
}

/** What has to be there before a deploy, and is not the stacks' to make. */
function preparationsFor(environment: Environment): string[] {
  const { name, vpc, kmsKey, notify, servers } = environment;
  const { topics = [] } = notify;
  const asksOthers = kmsKey || topics.length || servers.some(({ assumedBy }) => assumedBy);
  return [
    ...(vpc
      ? [
          `functions run in ${count(vpc.subnetIds.length, 'subnet')}: give these a way to the providers (a NAT gateway), and to AWS (the same, or VPC endpoints); docs/options.md#a-vpc lists them`,
        ]
      : []),
    ...(asksOthers
      ? [`others have to grant permissions; \`npx keyturn grants --env ${name}\` prints them`]
      : []),
    ...tokenPlaces(environment).map(
      ({ to, token: { title, needs } }) =>
        `make a token for ${title}: ${needs}; once its secret is deployed, \`npx keyturn issuer set ${to} --env ${name}\` stores it`,
    ),
  ];
}

/** On purpose until the first deploy has succeeded; easily forgotten after it. */
function deletableStacks({ name, policy, terminationProtection }: Environment): string[] {
  if (policy !== 'prod' || terminationProtection) return [];
  return [
    `the stacks of ${name} can be deleted; once they are deployed, write terminationProtection: true in the configuration and deploy again`,
  ];
}

/** What the role of a server needs: so that its counts arrive, outside Lambda, and to prove itself. */
function policiesOf(environment: string, { name, role, federations }: Server) {
  const [, partition, , , account] = role.split(':');
  const arn = (policy: string) => `arn:${partition}:iam::${account}:policy/${policy}`;
  const policies = [
    usagePolicyName(environment, name),
    ...(federations.length ? [federationPolicyName(environment, name)] : []),
  ];
  return policies.map(policy => ({ server: name, role, policy: arn(policy) }));
}

function planKey(key: Key, businessHours: BusinessHours | undefined, now: Date) {
  const { address, spec, schedule, rotateEvery, env, reason } = key;
  const provider = providers[address.provider as ProviderName];
  const isScheduled = key.awsRotation ? key.awsRotation.isOn : !isMadeByHand(key);
  return {
    key: shortName(address),
    ...address,
    team: spec.team,
    tier: spec.tier,
    rotateEvery,
    // A key that only a person can make has no schedule.
    schedule: isScheduled ? schedule : undefined,
    byHand: byHand(key),
    rotatedBy: key.awsRotation && (key.awsRotation.isOn ? 'aws' : 'aws-once-adopted'),
    awsType: key.awsRotation && provider.awsPartner?.type,
    next: !isScheduled ? [] : nextDates(schedule.cron, now, datesShown).map(date => date.toISOString()),
    overlapHours: provider.kind === 'roll' ? 0 : spec.overlapHours,
    variables: env,
    deliverTo: spec.deliverTo?.map(place => targetOf(place).titleOf(place)),
    scopes: spec.scopes,
    ...(spec.scopes.length > 0 && scopesChecked(provider)),
    reason,
    couldBe: couldBe(address.provider),
    monthlyUsd: monthlyUsd(keyUse(key, businessHours)),
  };
}

/** Why nobody can tell before the provider does whether it has them. */
function scopesChecked({ knownScopes }: ProviderMetadata): { scopesNotChecked?: string } {
  return knownScopes && 'open' in knownScopes ? { scopesNotChecked: knownScopes.open } : {};
}

function inWords({
  name,
  account,
  region,
  timeZone,
  keys,
  federations,
  policies,
  platformUsd,
  monthlyUsd: usd,
  emergencyConcurrency,
  trail,
  preparations,
  warnings,
}: EnvironmentPlan): string {
  const zone = timeZone ? `: clock changes in ${timeZone} do not move them` : '';
  const lines = [
    `${name}: account ${account}, ${region}, ${count(keys.length, 'key')}. Schedules are in UTC${zone}.`,
    '',
    ...keys.flatMap(key => keyInWords(key, timeZone)),
    ...federations.flatMap(federationInWords),
    federations.length
      ? 'Servers outside Lambda count their use of keys with PutMetricData, and servers with federations prove their role. Attach to their roles:'
      : 'Servers outside Lambda count their use of keys with PutMetricData. Attach to their roles:',
    ...policies.map(({ role, policy }) => `  ${role}  ${policy}`),
    '',
    concurrencyInWords(emergencyConcurrency),
    ...trailInWords(name, trail),
    `${name}: ${dollars(usd)} a month, ${dollars(platformUsd)} of it for what its keys share`,
    ...preparations.map(each => `before you deploy: ${each}`),
    ...warnings.map(warning => `warning: ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

function concurrencyInWords(reserved: number | undefined): string {
  return reserved
    ? `Emergencies: ${reserved} at once are reserved for their function; other functions of the account share the rest.`
    : 'Emergencies: nothing is reserved for their function, since an account with a low limit can reserve none. If other functions could use up the limit, set emergencyConcurrency.';
}

function trailInWords(name: string, trail: Environment['trail']): string[] {
  if (trail === 'create')
    return [
      `Trail: Keyturn creates one. The first copy of management events in an account and region is free; if another trail logs them too, each further copy costs ${furtherCopyPrice}, which is not in the total. Then write trail: 'exists'.`,
    ];
  if (trail === 'exists')
    return [
      `Trail: the account's own, at no further cost. \`npx keyturn check --env ${name}\` says whether it logs what Keyturn needs.`,
    ];
  return [];
}

function keyInWords(key: KeyPlan, timeZone: string | undefined): string[] {
  const { key: name, team, tier, schedule, next, variables, deliverTo = [], scopes, couldBe } = key;
  const dates = next.map(date => new Date(date));
  const local = timeZone && ` (${dates.map(date => localTime(date, timeZone)).join(', ')} in ${timeZone})`;
  const named = Object.entries(variables).map(([variable, field]) =>
    field === 'secret' ? variable : `${variable} (${field})`,
  );
  return [
    name,
    `  rotates    ${rotatesInWords(key)}`,
    ...(schedule ? [`  next       ${dates.map(utc).join(', ')}${local ?? ''}`] : []),
    `  overlap    ${overlapInWords(key)}`,
    `  tier       ${tier}, of team ${team}`,
    ...(scopes.length
      ? [
          `  scopes     ${scopes.join(', ')}${key.scopesNotChecked ? ` (not checked, since ${key.scopesNotChecked})` : ''}`,
        ]
      : []),
    `  variables  ${named.join(', ') || 'none: the server reads the key itself'}`,
    ...deliverTo.map(place => `  delivered  to ${place}, before the old key ends`),
    `  costs      ${dollars(key.monthlyUsd)} a month`,
    ...(couldBe ? [`  or         you could ${couldBe}`] : []),
    '',
  ];
}

function rotatesInWords({ schedule, byHand, awsType }: KeyPlan): string {
  if (!awsType) return schedule?.words ?? `never: ${byHand}`;
  return schedule
    ? `${schedule.words}, by AWS as its ${awsType}`
    : `not yet: ${byHand}, and write rotatedBy: 'aws'`;
}

function overlapInWords({ overlapHours, awsType }: KeyPlan): string {
  if (awsType)
    return `as AWS keeps it, often none; ${overlapHours} h later, Keyturn sees that the old key is dead`;
  return overlapHours
    ? `${overlapHours} h`
    : 'none: the old key stops working when the provider gets the new one';
}

function costInWords(total: number, formula: string): string {
  return [
    `Total: ${dollars(total)} a month = ${formula}`,
    `with ${assumptions.join('; ')}.`,
    `List prices of us-east-1 as of ${pricesAsOf}: ${priceSources.join(' ')}\n`,
  ].join('\n');
}

/** How near templates and accounts come to what AWS takes. */
async function planLimits(environments: Environment[], flags: CommonFlags, context: CommandContext) {
  const { nearestLimits } = await import('../../lib/stacks/nearest-limits');
  const limits = nearestLimits(environments);
  const quotas = quotaUses(environments);
  const number = (value: number) => value.toLocaleString('en');
  const row = (what: string, used: number, limit: number, place: string) => [
    what,
    number(used),
    number(limit),
    number(limit - used),
    place,
  ];
  const { out: width } = context.terminal.width;
  const head = ['USED', 'AWS TAKES', 'LEFT', 'WHERE'];
  const text = [
    table(
      ['LIMIT OF A TEMPLATE', ...head],
      limits.map(({ what, used, limit, place }) => row(what, used, limit, place)),
      width,
    ),
    table(
      ['QUOTA OF AN ACCOUNT', ...head],
      quotas.map(({ what, used, quota, place }) => row(what, used, quota, place)),
      width,
    ),
    'Quotas are what AWS gives an account at first; what else the account holds comes on top.\n',
  ].join('\n');
  print(context, flags, { limits, quotas }, text);
  return exitCode.done;
}
