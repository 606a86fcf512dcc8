// What an audit of many keys takes: every provider that lists keys, asked by the real command through the real function, in a world
// where each refuses whoever calls it faster than it allows.
import { loadConfig } from '../bin/config/load-config';
import type { Connector } from '../connectors/contract/connector';
import { connectorFor, connectors } from '../connectors/index';
import type { AuditReport } from '../core/audit/finding';
import type { KeyInput } from '../lib/config/config';
import type { Dialect } from '../rehearsal/providers/dialect';
import type { Settings } from '../rehearsal/providers/fake-account';
import type { RecordedCall } from '../rehearsal/providers/fake-provider';
import { loadDialects } from '../rehearsal/providers/load-dialects';
import { setIssuers } from '../rehearsal/scenarios/parts/first-keys';
import { makeSteadyKeys } from '../rehearsal/scenarios/parts/steady-keys';
import { manyKeys } from '../rehearsal/world/configs/many-keys';
import { writeConfig } from '../rehearsal/world/configs/own-config';
import { needed } from '../rehearsal/world/needed';
import { openRehearsal } from '../rehearsal/world/open-rehearsal';
import type { RehearsalContext } from '../rehearsal/world/rehearsal-context';
import { synthesizeApart } from '../rehearsal/world/synthesis';

export interface AuditBench {
  keys: number;
  /** Those with a list. */
  providers: Record<string, ProviderAsked>;
  /** Answers 429, of all providers. */
  refused: number;
  /** As long as a person waits for it: at the pace that providers allow, with no time for anything else. */
  paceSeconds: number;
  /** Of this machine, for everything: the function, AWS, the providers and the command. */
  cpuSeconds: number;
  wallSeconds: number;
  /** Resident, at the most, above what the account took before. */
  memoryMb: number;
  progressLines: number;
  findings: number;
  /** Whatever it could not look at, and might have. */
  missed: string[];
}

interface ProviderAsked {
  keys: number;
  calls: number;
  refused: number;
  /** In its fullest minute. */
  callsAMinute: number;
  /** What it allows; absent where nothing is documented. */
  allowed?: string;
}

const environment = 'bench';
const usualPage = 100;

/** Those that list their keys, whichever there are. */
export function listingProviders(): string[] {
  return Object.values(connectors).flatMap(connector => (isListing(connector) ? [connector.provider] : []));
}

/** By itself, or with an admin credential. */
function isListing(connector: Connector): boolean {
  return 'list' in connector || (connector.kind === 'revoke-only' && connector.revoker.by === 'issuer');
}

/** In one environment, as teams have them. */
const providersAtMost = 10;

export async function benchAudit(count = 1_000): Promise<AuditBench> {
  const dialects = (await loadDialects()).filter(({ provider }) => listingProviders().includes(provider));
  const environments = Math.ceil(dialects.length / providersAtMost);
  const done: AuditBench[] = [];
  let providersLeft = dialects.length;
  let keysLeft = count;
  for (let n = 0; n < environments; n++) {
    const its = dialects.filter((_, at) => at % environments === n);
    const keys = Math.round((keysLeft * its.length) / providersLeft);
    providersLeft -= its.length;
    keysLeft -= keys;
    done.push(await auditOne(its, keys));
  }
  return done.reduce(together);
}

/** One environment after the other. */
function together(a: AuditBench, b: AuditBench): AuditBench {
  return {
    keys: a.keys + b.keys,
    providers: { ...a.providers, ...b.providers },
    refused: a.refused + b.refused,
    paceSeconds: a.paceSeconds + b.paceSeconds,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    wallSeconds: a.wallSeconds + b.wallSeconds,
    memoryMb: Math.max(a.memoryMb, b.memoryMb),
    progressLines: a.progressLines + b.progressLines,
    findings: a.findings + b.findings,
    missed: [...a.missed, ...b.missed],
  };
}

async function auditOne(dialects: readonly Dialect[], count: number): Promise<AuditBench> {
  const { file, remove } = writeConfig(
    manyKeys({
      count,
      environment,
      kinds: dialects.map(kindOf),
      change: { reason: 'It is part of a measure.' },
    }),
  );
  const synthesized = await synthesizeApart(await loadConfig(file), file, environment);
  const context = await openRehearsal({
    synthesized,
    configFile: file,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    alarmsEveryMinutes: () => 1_440,
    onEvent: () => {},
  });
  try {
    for (const { provider } of dialects) context.world.providers.account(provider).pageSize = usualPage;
    await setIssuers(context);
    await makeSteadyKeys(context);
    return await measure(context, dialects);
  } finally {
    await context.world.close();
    synthesized.remove();
    remove();
  }
}

/** One key of a provider: in a place of its own, where a place has room for few. */
function kindOf(dialect: Dialect) {
  const { provider, sample, capacity } = dialect;
  const connector = connectorFor(provider);
  const hasOwnPlace = capacity !== undefined || ('exclusive' in connector && connector.exclusive);
  let made = 0;
  return (purpose: string): KeyInput => {
    const settings = hasOwnPlace ? inOwnPlace(dialect, ++made) : sample.settings;
    return { provider, purpose, scopes: sample.scopes, settings } as unknown as KeyInput;
  };
}

/** At the same host, and of another user or application. */
function inOwnPlace({ provider, sample: { settings }, place, origins }: Dialect, n: number): Settings {
  const varied = Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' ? variants(value, n).map(text => ({ ...settings, [name]: text })) : [],
  );
  const connector = connectorFor(provider);
  const isElsewhere = (one: Settings) =>
    place(one) !== place(settings) &&
    origins(one).join() === origins(settings).join() &&
    connector.settings.safeParse(one).success;
  return needed(varied.find(isElsewhere), `another place at ${provider}`);
}

/** Longer; as long, for ids of a fixed length; and longer at its beginning, for what ends in a domain. */
function variants(value: string, n: number): string[] {
  const four = String(n).padStart(4, '0');
  return [`${value}${n}`, `${value.slice(0, -4)}${four}`, value.replace(/[a-z]+/i, `$&${n}`)];
}

async function measure(context: RehearsalContext, dialects: readonly Dialect[]): Promise<AuditBench> {
  const { world, cliOutput } = context;
  const calls: RecordedCall[] = [];
  context.onProviderAnswer = call => void calls.push(call);
  context.faults.ofProvider = refuseBeyond(dialects, () => world.clock.now());
  const before = { said: cliOutput.length, at: world.clock.now().getTime(), wall: performance.now() };
  const cpu = process.cpuUsage();
  const memory = watchMemory();
  await context.keyturn(['audit', '--env', environment, '--json']).finally(memory.stop);
  const { user, system } = process.cpuUsage(cpu);
  const said = cliOutput.slice(before.said).join('');
  const begin = said.indexOf('{\n');
  const { audits } = JSON.parse(said.slice(begin)) as { audits: AuditReport[] };
  const keys = context.environment.servers.flatMap(server => server.keys);
  const providers = dialects.map(({ provider, allows }): [string, ProviderAsked] => {
    const its = calls.filter(call => call.provider === provider);
    return [
      provider,
      {
        keys: keys.filter(({ address }) => address.provider === provider).length,
        calls: its.length,
        refused: its.filter(({ status }) => status === 429).length,
        callsAMinute: fullestMinute(its),
        ...(allows && { allowed: `${allows.calls} in ${allows.seconds} s` }),
      },
    ];
  });
  return {
    keys: keys.length,
    providers: Object.fromEntries(providers),
    refused: providers.reduce((sum, [, { refused }]) => sum + refused, 0),
    paceSeconds: Math.round((world.clock.now().getTime() - before.at) / 1000),
    cpuSeconds: Math.round((user + system) / 1e6),
    wallSeconds: Math.round((performance.now() - before.wall) / 1000),
    memoryMb: memory.most(),
    progressLines: said.slice(0, begin).split('\n').filter(Boolean).length,
    findings: audits.reduce((sum, { findings }) => sum + findings.length, 0),
    missed: audits.flatMap(({ notCovered }) =>
      notCovered.flatMap(({ what, failed }) => (failed ? [what] : [])),
    ),
  };
}

/** As a bucket that fills again: a provider that documents nothing allows what the strictest does. */
function refuseBeyond(dialects: readonly Dialect[], now: () => Date) {
  const strictest = { calls: 2, seconds: 1 };
  const buckets = new Map<string, { left: number; at: number }>();
  const allowed = new Map(dialects.map(({ provider, allows }) => [provider, allows ?? strictest]));
  return ({ provider }: { provider: string }) => {
    const { calls, seconds } = allowed.get(provider) ?? strictest;
    const at = now().getTime();
    const bucket = buckets.get(provider) ?? { left: calls, at };
    const left = Math.min(calls, bucket.left + ((at - bucket.at) / 1000) * (calls / seconds));
    buckets.set(provider, { left: Math.max(0, left - 1), at });
    return left < 1 ? ({ kind: '429' } as const) : undefined;
  };
}

function fullestMinute(calls: readonly RecordedCall[]): number {
  const times = calls.map(({ at }) => at.getTime());
  const within = (from: number) => times.filter(at => at >= from && at < from + 60_000).length;
  return Math.max(0, ...times.map(within));
}

function watchMemory() {
  const atFirst = process.memoryUsage.rss();
  let peak = atFirst;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const looking = setInterval(look, 50);
  return { stop: () => clearInterval(looking), most: () => Math.round((peak - atFirst) / 1024 ** 2) };
}
