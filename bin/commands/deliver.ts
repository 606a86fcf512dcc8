import pMap from 'p-map';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { minuteMs, secondMs } from '../../core/time';
import type { Key } from '../../lib/config/config';
import { type Aws, connect } from '../aws/aws';
import { deliverKeys, deliveryChange, type PlaceStatus, placesOf } from '../aws/keys/deliveries';
import { type DeployedKey, requireKey } from '../aws/keys/deployed-keys';
import { isUnissued } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import {
  type Command,
  type CommandContext,
  type CommonFlags,
  print,
  requireConfirmation,
} from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { type ExitCode, exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';
import { utc } from '../terminal/time-format';

export interface DeliverFlags extends CommonFlags, Selection {
  names: string[];
  yes?: boolean;
  dryRun?: boolean;
}

const askedAtOnce = 10;
const looksEveryMs = 10 * secondMs;
/** Then the function goes on by itself, and looks every hour. */
const followedForMs = 15 * minuteMs;

/** Brings the current keys to where their servers run once more, and follows them until they are there. */
export const deliver: Command<DeliverFlags> = async (flags, context) => {
  const { names, server, provider, team } = flags;
  if (!names.length && !server && !provider && !team)
    throw new KeyturnError('usage', 'no key is selected; name keys, or add --server, --provider or --team');
  const environment = selectEnvironment(await loadConfig(flags.config), flags, names);
  const selected = selectDelivered(selectKeys(environment, names, flags), names);
  const aws = await connect(environment, flags);
  const found = await pMap(selected, ({ address }) => requireKey(aws, address), { concurrency: askedAtOnce });
  const issued = found.filter(key => !isUnissued(key));
  const blocked = found.filter(isUnissued).map(({ address }) => ({
    key: shortName(address),
    note: 'it has no key yet',
    fix: 'create one with `npx keyturn issue`',
  }));
  if (flags.dryRun) {
    const changes = issued.length ? [deliveryChange(aws, issued.length)] : [];
    return printDryRun(context, flags, environment.name, changes, blocked);
  }
  if (!issued.length)
    throw new KeyturnError(
      'unissued',
      'no selected key has been issued; create them with `npx keyturn issue`',
    );
  const before = await placesOf(aws, issued, context.clock.now());
  context.terminal.err(
    `${environment.name} (account ${environment.account}, ${environment.region}):\n${rowsOf(before, context.terminal.width.err)}\n`,
  );
  await requireConfirmation(
    context,
    flags,
    `Deliver ${count(issued.length, 'key')} of ${environment.name} anew?`,
  );
  const places = await follow(aws, issued, context);
  return printPlaces(context, flags, environment.name, places);
};

/** @throws {KeyturnError} usage, where one that was named is delivered nowhere, or none is left */
function selectDelivered(keys: readonly Key[], names: readonly string[]): Key[] {
  const delivered = keys.filter(({ spec }) => spec.deliverTo?.length);
  const other = names.length ? keys.find(key => !delivered.includes(key)) : keys[0];
  if (delivered.length && !(names.length && other)) return delivered;
  const which = other ? `${shortName(other.address)} is` : 'these keys are';
  throw new KeyturnError(
    'usage',
    `${which} delivered nowhere; its server reads it by itself, or add deliverTo in the configuration, and deploy`,
  );
}

async function follow(
  aws: Aws,
  keys: readonly DeployedKey[],
  { terminal, clock }: CommandContext,
): Promise<PlaceStatus[]> {
  const names = keys.map(({ address }) => shortName(address));
  const begun = clock.now().getTime();
  const { busy } = await deliverKeys(aws, names, { anew: true });
  for (const key of busy)
    terminal.err(`${key}: another run is already delivering it; Keyturn follows that run\n`);
  for (;;) {
    const places = await placesOf(aws, keys, clock.now());
    const open = places.filter(
      ({ state, until }) => state === 'waiting' || (state === 'under-way' && !until),
    );
    const isOver = clock.now().getTime() - begun >= followedForMs || terminal.interrupted.aborted;
    if (!open.length || isOver) return places;
    terminal.overwrite(`${count(open.length, 'place')} under way\n`);
    await clock.sleep(looksEveryMs);
    await deliverKeys(aws, [...new Set(open.map(({ key }) => key))], { anew: false });
  }
}

const words: Record<PlaceStatus['state'], string> = {
  delivered: 'delivered',
  waiting: 'not begun',
  'under-way': 'under way',
  trouble: 'FAILED',
};

function rowsOf(places: readonly PlaceStatus[], width: number): string {
  const rows = places.map(({ key, place, state, since, until, why }) => [
    key,
    place,
    words[state],
    since ? utc(since) : '-',
    why ?? (until ? `until ${utc(until)}` : ''),
  ]);
  return table(['KEY', 'PLACE', 'STATE', 'SINCE (UTC)', ''], rows, width);
}

function printPlaces(
  context: CommandContext,
  flags: CommonFlags,
  environment: string,
  places: PlaceStatus[],
): ExitCode {
  const there = places.filter(({ state }) => state === 'delivered').length;
  const summary = `\n${environment}: ${there} of ${count(places.length, 'place')} with the current key\n`;
  const text = `${rowsOf(places, context.terminal.width.out)}${summary}`;
  print(context, flags, { environment, places }, text);
  if (context.terminal.interrupted.aborted) return exitCode.interrupted;
  return there === places.length ? exitCode.done : exitCode.attention;
}
