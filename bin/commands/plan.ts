import { shortName } from '../../core/key-address';
import type { Environment, Key } from '../../lib/config';
import { crowdedWindows } from '../../lib/crowding';
import { type ProviderName, providers } from '../../lib/providers';
import { nextDates } from '../../lib/schedule';
import { assumptions, dollars, formula, keyUse, monthlyCost, platformUse } from '../cli/cost';
import { exitCode } from '../cli/exit-code';
import { loadConfig } from '../cli/load-config';
import { localTime, utc } from '../cli/moments';
import { priceSources, pricesAsOf } from '../cli/prices';
import { type Selection, selectEverywhere } from '../cli/selection';
import { type Command, type CommonFlags, print } from '../cli/surroundings';
import { count } from '../cli/table';

const datesShown = 3;

/** What the configuration means, before or after it is deployed. Asks AWS nothing. */
export const plan: Command<CommonFlags & Selection> = async (flags, surroundings) => {
  const config = await loadConfig(flags.config);
  const now = surroundings.clock.now();
  const environments = selectEverywhere(config, flags).map(({ environment, keys }) =>
    planEnvironment(environment, keys, now),
  );
  const monthlyUsd = cents(environments.reduce((sum, environment) => sum + environment.monthlyUsd, 0));
  const facts = { environments, monthlyUsd, formula, assumptions, pricesAsOf, priceSources };
  print(surroundings, flags, facts, [...environments.map(inWords), costInWords(monthlyUsd)].join('\n'));
  return exitCode.done;
};

type Planned = ReturnType<typeof planEnvironment>;
type PlannedKey = ReturnType<typeof planKey>;

function planEnvironment(environment: Environment, keys: Key[], now: Date) {
  const { name, account, region, businessHours } = environment;
  const planned = keys.map(key => planKey(key, now));
  const platformUsd = cents(monthlyCost(platformUse(environment)));
  return {
    name,
    account,
    region,
    timeZone: businessHours?.timeZone,
    keys: planned,
    platformUsd,
    monthlyUsd: cents(planned.reduce((sum, key) => sum + key.monthlyUsd, platformUsd)),
    warnings: crowdedWindows(environment),
  };
}

function planKey({ address, spec, schedule, rotateEvery, env, reason }: Key, now: Date) {
  const provider = providers[address.provider as ProviderName];
  return {
    key: shortName(address),
    ...address,
    team: spec.team,
    tier: spec.tier,
    rotateEvery,
    schedule,
    next: nextDates(schedule.cron, now, datesShown).map(date => date.toISOString()),
    overlapHours: provider.kind === 'roll' ? 0 : spec.overlapHours,
    variables: env,
    scopes: spec.scopes,
    reason,
    monthlyUsd: cents(monthlyCost(keyUse(rotateEvery))),
  };
}

function inWords({
  name,
  account,
  region,
  timeZone,
  keys,
  platformUsd,
  monthlyUsd,
  warnings,
}: Planned): string {
  const zone = timeZone ? `: clock changes in ${timeZone} do not move them` : '';
  const lines = [
    `${name}: account ${account}, ${region}, ${count(keys.length, 'key')}. Schedules are in UTC${zone}.`,
    '',
    ...keys.flatMap(key => keyInWords(key, timeZone)),
    `${name}: ${dollars(monthlyUsd)} a month, ${dollars(platformUsd)} of it for what all its keys share`,
    ...warnings.map(warning => `warning: ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

function keyInWords(key: PlannedKey, timeZone: string | undefined): string[] {
  const { key: name, team, tier, schedule, next, overlapHours, variables, monthlyUsd } = key;
  const dates = next.map(date => new Date(date));
  const local = timeZone && ` (${dates.map(date => localTime(date, timeZone)).join(', ')} in ${timeZone})`;
  const named = Object.entries(variables).map(([variable, field]) =>
    field === 'secret' ? variable : `${variable} (${field})`,
  );
  return [
    name,
    `  rotates    ${schedule.words}`,
    `  next       ${dates.map(utc).join(', ')}${local ?? ''}`,
    `  overlap    ${overlapHours ? `${overlapHours} h` : 'none: the provider ends the old key when it gets the new one'}`,
    `  tier       ${tier}, of team ${team}`,
    `  variables  ${named.join(', ') || 'none: the server asks by itself'}`,
    `  costs      ${dollars(monthlyUsd)} a month`,
    '',
  ];
}

function costInWords(monthlyUsd: number): string {
  return [
    `Together ${dollars(monthlyUsd)} a month = ${formula}`,
    `with ${assumptions.join('; ')}.`,
    `List prices of us-east-1 as of ${pricesAsOf}: ${priceSources.join(' ')}\n`,
  ].join('\n');
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
