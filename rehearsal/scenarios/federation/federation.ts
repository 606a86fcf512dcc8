// Servers without a key, which reach providers as their AWS role: tokens are renewed for hours, strangers with JWTs of their own get
// none, and a thief has a token until its end, or until the provider ends it.
import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { createWebIdentity } from '@keyturn/aws-model/identity/web-identity';
import { assumedRoleArn } from '@keyturn/aws-model/shared/arn';
import { bindFederation, type IdentityWish } from '../../../connectors/contract/bind-federation';
import type { FederateConnector } from '../../../connectors/contract/connector';
import { hasCode } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../core/time';
import { type FederatedKey, federationsOf, type KeysInput } from '../../../lib/config/config';
import { federationFor } from '../../../lib/config/providers';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { makeFirstKeys } from '../parts/first-keys';
import { aFederation } from '../parts/needs';
import { role, usualProd } from '../parts/usual-prod';
import type { Scenario } from '../scenario';
import { endFederation } from './federation-theft';

export interface FederationFindings {
  /** Hours in which each server was called every minute, and how often each got a token meanwhile. */
  hours: number;
  tokens: Record<string, number>;
  /** Of each: whether a role, an account and a JWT for somebody else are all refused. */
  strangersRefused: Record<string, boolean>;
  /** Of each, from the hour on in which its trust was taken away: how long a stolen token worked, and how long people were told it may. */
  thiefRefusedMs: Record<string, number>;
  toldAtMostMs: Record<string, number>;
  /** Of each: people were told what to do, the provider said that the trust is gone, and its server got no further token. */
  ended: Record<string, boolean>;
}

const hours = 4;

const keys = (): KeysInput =>
  usualProd({
    'support-bot': {
      team: 'support',
      roles: { prod: role('support-bot') },
      keys: [
        { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
        {
          provider: 'openai',
          federate: { identityProvider: 'idp_support', serviceAccount: 'svc_acct_support' },
          env: 'OPENAI_API_KEY',
        },
        { provider: 'kernel', federate: { rule: 'wifr_support' }, env: 'KERNEL_API_KEY' },
      ],
    },
    'triage-bot': {
      team: 'support',
      roles: { prod: role('triage-bot') },
      keys: [
        {
          provider: 'openrouter',
          federate: { policy: '11111111-1111-4111-8111-111111111111', actsAs: 'a'.repeat(64) },
          env: 'OPENROUTER_API_KEY',
        },
      ],
    },
  });

export const federation: Scenario = {
  name: 'federation',
  about: 'servers without a key: tokens over hours, strangers, and a stolen token that is waited out',
  days: 1,
  keys,
  needs: aFederation,
  holds: found => {
    const { tokens, strangersRefused, ended, thiefRefusedMs, toldAtMostMs } =
      found as unknown as FederationFindings;
    const names = Object.keys(tokens);
    const inTime = (name: string) => (thiefRefusedMs[name] ?? Infinity) <= (toldAtMostMs[name] ?? 0);
    return (
      names.length > 0 &&
      // One token for all hours would outlive what was stated of it.
      names.every(
        name => (tokens[name] ?? 0) >= hours && strangersRefused[name] && ended[name] && inTime(name),
      )
    );
  },

  async play(context, end) {
    const { world, environment, findings } = context;
    const { clock } = world;
    const federations = federationsOf(environment);
    await makeFirstKeys(context);
    const tokens = countTokens(context, federations);
    const quiet = new Date(clock.now().getTime() + hours * hourMs);
    const load = await context.startLoad(quiet);
    for (const server of environment.servers)
      if (server.federations.length) load.callEvery(minuteMs, server, hours * hourMs - minuteMs);
    await clock.runUntil(quiet);
    const found: FederationFindings = {
      hours,
      tokens: { ...tokens },
      strangersRefused: {},
      thiefRefusedMs: {},
      toldAtMostMs: {},
      ended: {},
    };
    for (const key of federations) {
      const name = shortName(key.address);
      found.strangersRefused[name] = await refusesStrangers(context, key);
      const { refusedMs, toldMs, isEnded } = await endFederation(context, key);
      if (refusedMs !== undefined) found.thiefRefusedMs[name] = refusedMs;
      found.toldAtMostMs[name] = toldMs;
      found.ended[name] = isEnded;
    }
    Object.assign(findings, found);
    await clock.runUntil(end);
  },
};

/** Exchanges that gave a token, by its key. Two of a provider's are told apart by whom the provider gave it to. */
function countTokens(
  context: RehearsalContext,
  federations: readonly FederatedKey[],
): Record<string, number> {
  const counts = Object.fromEntries(federations.map(({ address }) => [shortName(address), 0]));
  context.onProviderAnswer = ({ kind, provider, key }) => {
    const trust = key?.details.trust as { settings: object } | undefined;
    if (kind !== 'exchange' || !trust) return;
    const own = federations.find(
      ({ address, settings }) => address.provider === provider && trust.settings === settings,
    );
    const name = own && shortName(own.address);
    if (name) counts[name] = (counts[name] ?? 0) + 1;
  };
  return counts;
}

/** Three who are not the server show the provider a JWT, each of them signed by STS. */
async function refusesStrangers(context: RehearsalContext, key: FederatedKey): Promise<boolean> {
  const { world, environment, ledger } = context;
  const { account, region } = environment;
  const connector = needed(federationFor(key.address.provider), 'a federation');
  const admin = needed(environment.admins[0], 'an administrator');
  const server = needed(
    environment.servers.find(({ name }) => name === key.address.server),
    'its server',
  );
  const roleName = needed(server.role.split('/').at(-1), 'the name of its role');
  const caller = { arn: assumedRoleArn({ account, region }, roleName, 'task'), kind: 'role' as const };
  const signed = (
    wish: IdentityWish,
    by: Pick<typeof world.model.webIdentity, 'token'>,
    audience = wish.audience,
  ) => by.token({ ...wish, audience: [audience], tags: {}, caller, region });
  const elsewhere = createWebIdentity({ account: '222222222222', virtual: world.clock });
  const strangers: ((wish: IdentityWish) => Promise<string>)[] = [
    // Another role of the account, which asks STS itself.
    async ({ audience, algorithm, seconds }) => {
      const wish = { Audience: [audience], SigningAlgorithm: algorithm, DurationSeconds: seconds };
      const sts = new STSClient(world.clientSettings(admin, 'laptop'));
      return (await sts.send(new GetWebIdentityTokenCommand(wish))).WebIdentityToken ?? '';
    },
    // The role of the same name in another account.
    wish => signed(wish, elsewhere),
    // Another provider, which got a JWT of the server.
    wish => signed(wish, world.model.webIdentity, 'https://elsewhere.example.com'),
  ];
  const answers: boolean[] = [];
  for (const identity of strangers) answers.push(await isRefused(context, connector, key, identity));
  const name = shortName(key.address);
  const refused = answers.filter(Boolean).length;
  ledger.tell('note', `${name}: ${connector.title} refused ${refused} of ${answers.length} strangers`, name);
  return refused === answers.length;
}

function isRefused(
  context: RehearsalContext,
  connector: FederateConnector<unknown, unknown>,
  { settings }: FederatedKey,
  identity: (wish: IdentityWish) => Promise<string>,
): Promise<boolean> {
  const { clock } = context.world;
  const asked = bindFederation(connector, {
    settings,
    identity,
    clock: { now: () => clock.now(), sleep: ms => clock.sleep(ms) },
  });
  return context.asAdministrator(() =>
    asked().then(
      () => false,
      (error: unknown) => hasCode(error, 'refused'),
    ),
  );
}
