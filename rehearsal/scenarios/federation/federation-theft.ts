// A token of a federation is stolen, and whoever is on call takes the provider's trust in the server away. Nothing else ends it.
import { bindEnder } from '../../../connectors/contract/bind-federation';
import { shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs, secondMs } from '../../../core/time';
import type { FederatedKey } from '../../../lib/config/config';
import { federationFor } from '../../../lib/config/providers';
import { routedFetch } from '../../providers/routed-fetch';
import { federatedCall } from '../../servers/mcp-load';
import type { ToolResult } from '../../servers/mcp-server';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';

export interface EndedFederation {
  /** From when the trust was gone until the thief was refused; absent where that never came. */
  refusedMs?: number;
  /** How long people were told that tokens may work. */
  toldMs: number;
  isEnded: boolean;
}

const usesEveryMs = 5 * secondMs;
/** A thief is noticed, somebody is called and sits down. */
const noticedMs = 4 * minuteMs;

export async function endFederation(context: RehearsalContext, key: FederatedKey): Promise<EndedFederation> {
  const { world, ledger } = context;
  const { clock } = world;
  const { provider, server } = key.address;
  const name = shortName(key.address);
  const connector = needed(federationFor(provider), 'a federation');
  const stolen = await freshToken(context, key, connector.tokenSecondsAtMost * secondMs);
  ledger.tell('fault', `${name}: a thief has a token from the memory of ${server}, and uses it`, name);
  const theft = abuse(context, key, stolen, new Date(clock.now().getTime() + 3 * hourMs));
  await pass(context, noticedMs);
  const wasUsed = theft.refusedAt === undefined;
  const { toldMs, isGone } = await takeAway(context, key);
  const goneAt = clock.now().getTime();
  ledger.tell(
    'note',
    `${name}: the trust at ${connector.title} is gone; tokens may work for ${Math.ceil(toldMs / minuteMs)} min`,
    name,
  );
  // Longer than any token, so that the server has to ask for another.
  await pass(context, connector.tokenSecondsAtMost * secondMs + 5 * minuteMs);
  const [result] = await ask(context, key);
  const isServerRefused =
    result?.ok === false && /does not accept the AWS identity/.test(result.problem ?? '');
  await pass(context, hourMs);
  theft.stop();
  const { refusedAt } = theft;
  if (refusedAt)
    ledger.tell('note', `${name}: the thief is refused since ${refusedAt.toISOString().slice(11, 19)}`, name);
  return {
    ...(refusedAt && { refusedMs: Math.max(0, refusedAt.getTime() - goneAt) }),
    toldMs,
    isEnded: wasUsed && isGone && isServerRefused,
  };
}

/** With the admin credential where there is a call for it; else as the steps say that Keyturn prints. */
async function takeAway(
  context: RehearsalContext,
  key: FederatedKey,
): Promise<{ toldMs: number; isGone: boolean }> {
  const { world, cliOutput } = context;
  const { provider } = key.address;
  const { settings } = key;
  const name = shortName(key.address);
  const connector = needed(federationFor(provider), 'a federation');
  const account = world.providers.account(provider);
  const trust = needed(
    account.trusts.find(each => each.settings === settings),
    'the trust in the server',
  );
  const before = cliOutput.length;
  const saidSince = (from: number) => cliOutput.slice(from).join('');
  // Whoever looks for a key to revoke is told that there is none, and what to do.
  await context.keyturn(['revoke', name, '--yes']);
  const isTold = saidSince(before).includes(connector.trust.end);
  const issuer = world.providers.dialect(provider).issuer(settings);
  const { clock } = world;
  const ender = bindEnder(connector, {
    settings,
    readIssuer: async () => issuer,
    environment: key.address.environment,
    clock: { now: () => clock.now(), sleep: ms => clock.sleep(ms) },
  });
  if (!ender) {
    trust.enabled = false;
    return { toldMs: connector.tokenSecondsAtMost * secondMs, isGone: isTold };
  }
  const from = cliOutput.length;
  const code = await context.keyturn(
    ['federation', 'disable', name, '--yes', '--json'],
    JSON.stringify(issuer),
  );
  const until = /"tokensUntil": ?"([^"]+)"/.exec(saidSince(from))?.[1];
  const toldMs = until ? Math.max(0, Date.parse(until) - clock.now().getTime()) : 0;
  return { toldMs: Math.max(toldMs, usesEveryMs), isGone: isTold && code === 0 && until !== undefined };
}

/** The server's own process makes one call, with the client library. */
async function ask({ world }: RehearsalContext, key: FederatedKey): Promise<ToolResult[]> {
  const outcome = await world.runtime.invoke(key.address.server, { calls: [federatedCall(key).call] });
  return outcome.ok ? (outcome.result as ToolResult[]) : [];
}

/** One that the server was just given: another could end by itself before anybody notices the thief. */
async function freshToken(context: RehearsalContext, key: FederatedKey, livesMs: number): Promise<string> {
  const before = newestToken(context, key);
  for (let passed = 0; passed <= livesMs; passed += minuteMs) {
    await ask(context, key);
    const newest = newestToken(context, key);
    if (newest && newest !== before) return newest;
    await pass(context, minuteMs);
  }
  throw new Error(`${shortName(key.address)}: its server asked for no token while one lives`);
}

function newestToken({ world }: RehearsalContext, { address, settings }: FederatedKey): string | undefined {
  const { keys } = world.providers.account(address.provider);
  const given = keys.filter(
    ({ details }) => (details.trust as { settings?: object } | undefined)?.settings === settings,
  );
  return given.at(-1)?.secret;
}

/** Again and again, until it is refused, or until `end`. */
function abuse(context: RehearsalContext, { address, settings }: FederatedKey, token: string, end: Date) {
  const { clock, providers } = context.world;
  let isOver = false;
  const theft: { refusedAt?: Date; stop(): void } = {
    stop() {
      isOver = true;
    },
  };
  const again = () => {
    const next = new Date(clock.now().getTime() + usesEveryMs);
    if (next > end || isOver) return;
    clock.schedule(next, 'use of a stolen token', async () => {
      const { federation, use } = providers.dialect(address.provider);
      const value = { secret: token, keyId: 'token', provider: address.provider, issuedAt: '' };
      const { url, ...request } = federation?.use?.(token, clock.now()) ?? use(value, settings, clock.now());
      const reply = await routedFetch(providers.port, fetch)(url, request);
      await reply.body?.cancel();
      if (reply.ok) again();
      else theft.refusedAt = clock.now();
    });
  };
  again();
  return theft;
}

function pass({ world }: RehearsalContext, ms: number): Promise<void> {
  return world.clock.runUntil(new Date(world.clock.now().getTime() + ms));
}
