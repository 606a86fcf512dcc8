// Binds a connector to one key: its settings, its scopes and the issuer credential become a `Provider` that the rules can ask.

import { hasCode, KeyturnError } from '../../core/errors';
import { type KeySpec, overlapsAtMost } from '../../core/key/key-spec';
import type { SecretValue } from '../../core/key/secret-value';
import type {
  Clock,
  ExclusiveProvider,
  InstallProvider,
  IssueProvider,
  Provider,
  SelfIssuedProvider,
  Verdict,
} from '../../core/provider';
import { dayMs } from '../../core/time';
import { type CallLimits, createCallLimits } from '../http/call-rate';
import { createHttp } from '../http/http';
import { type AskProvider, issuerCalls } from './as-issuer';
import type { AwsPartner } from './aws-partner';
import { manualCalls, partnerCalls, revokeOnlyCalls } from './bind-hand-made';
import { type CallContext, type CallsOf, control, keptKeys } from './call-context';
import type {
  Connector,
  InstallConnector,
  IssueConnector,
  IssuedKey,
  MintConnector,
  RollConnector,
  RootMaker,
  SelfIssuedConnector,
} from './connector';
import { type SafeReplies, safeRepliesOf } from './safe-replies';
import { validSettings } from './validated';

export interface Binding {
  /** The issuer credential as parsed JSON; read only when a call needs it, and once. */
  readIssuer(): Promise<unknown>;
  environment: string;
  spec: Pick<KeySpec, 'scopes' | 'settings' | 'maxGapDays' | 'overlapHours' | 'rotatedBy'>;
  clock: Clock;
  /** Shared with others who call this provider. @default - its own */
  limits?: CallLimits;
}

/** A key outlives its planned end by this much, so that failing rotations can be mended while it still works. */
const spareDays = 14;

export function bindConnector(connector: Connector, binding: Binding): Provider {
  const settings = validSettings(connector, binding.spec.settings);
  const { scopes } = binding.spec;
  const { limits = createCallLimits(binding.clock, 'pass-on') } = binding;
  const safe = safeRepliesOf(connector.title);
  const ask = asker(connector, settings, safe, binding.clock, limits);
  const context: CallContext = {
    settings,
    safe,
    ask,
    ...issuerCalls(connector, binding, settings, { safe, ask, tokens: limits.tokens }),
    request: (name, now) => ({
      name,
      scopes,
      expiresAt: expiryOf(connector, binding.spec, settings, now),
      settings,
    }),
  };
  const common = {
    id: connector.provider,
    propagation: connector.propagation,
    verify: verify(connector, context),
  };
  if (binding.spec.rotatedBy === 'aws')
    return { ...common, ...partnerCalls(connector, neededPartner(connector), context) };
  switch (connector.kind) {
    case 'issue': {
      const { exclusive, nameMaxLength } = connector;
      const kind = exclusive ? 'exclusive' : 'issue';
      const make = issue(connector, context);
      return {
        ...common,
        kind,
        nameMaxLength,
        make,
        ...keptKeys(connector, context),
        ...control(connector, context),
        ...issuerExcess(connector, context),
      };
    }
    case 'install': {
      const calls = { ...generated(connector, context), install: install(connector, context) };
      return {
        ...common,
        kind: 'install',
        ...calls,
        ...keptKeys(connector, context),
        ...control(connector, context),
      };
    }
    case 'roll': {
      const calls = { ...generated(connector, context), install: install(connector, context) };
      return { ...common, kind: 'roll', ...calls };
    }
    case 'self-issued':
      return { ...common, kind: 'self-issued', ...generated(connector, context) };
    case 'mint': {
      const { rootMaker, steps } = connector;
      return rootMaker?.makes(settings)
        ? { ...common, ...rootCalls(connector, rootMaker, context, common.verify) }
        : { ...common, ...manualCalls(steps) };
    }
    case 'revoke-only':
      return { ...common, ...revokeOnlyCalls(connector, context) };
    case 'manual':
      return { ...common, ...manualCalls(connector.steps) };
    case 'federate':
      throw new KeyturnError(
        'bad-config',
        `${connector.title} has no keys, so this secret does not belong to Keyturn; delete it`,
      );
  }
}

function neededPartner({ awsPartner, title, provider }: Connector): AwsPartner {
  if (awsPartner) return awsPartner;
  throw new KeyturnError(
    'bad-config',
    `as far as this version of Keyturn knows, AWS rotates no keys of ${title}; remove rotatedBy from the keys of ${provider}`,
  );
}

function verify(connector: Connector, { settings, ask, askAsIssuer }: CallContext): Provider['verify'] {
  const beside = 'verifyBeside' in connector ? connector.verifyBeside : undefined;
  if (!beside) return value => ask(http => connector.verify(http, value, settings), value);
  return value =>
    askAsIssuer((http, issuer) => beside(http, issuer, value, settings), value).catch((error: unknown) => {
      // Without the credential to ask beside, nothing is known of the key. What is wrong with it, the other calls tell.
      if (error instanceof KeyturnError) return 'unknown';
      throw error;
    });
}

function issue(
  connector: IssueConnector<unknown, unknown>,
  { settings, safe, askAsIssuer, request }: CallContext,
): IssueProvider['make'] {
  return async (name, now) => {
    const asked = request(name, now);
    const key = safe.issuedKey(await askAsIssuer((http, issuer) => connector.create(http, issuer, asked)));
    if (!key.scopes || isSameSet(key.scopes, asked.scopes)) return secretValue(connector, key, now);
    // Nobody holds it yet, so it can go at once.
    await askAsIssuer((http, issuer) => connector.revoke(http, issuer, key.keyId, settings));
    throw new KeyturnError(
      'refused',
      `${connector.title} granted [${key.scopes}] where [${asked.scopes}] was asked, so the key ${key.keyId} was revoked; ask for scopes that the issuer credential may grant`,
    );
  };
}

function issuerExcess(
  { issuerPower }: IssueConnector<unknown, unknown>,
  { settings, safe, askAsIssuer }: CallContext,
): Pick<IssueProvider, 'issuerExcess'> {
  if (!issuerPower) return {};
  return {
    async issuerExcess() {
      const scopes = await askAsIssuer((http, issuer) => issuerPower.scopes(http, issuer, settings));
      return safe.scopes(scopes.filter(scope => !issuerPower.needed.test(scope)));
    },
  };
}

function install(
  connector: InstallConnector<unknown, unknown> | RollConnector<unknown, unknown>,
  { settings, askAsIssuer }: CallContext,
): InstallProvider['install'] {
  return value => askAsIssuer((http, issuer) => connector.install(http, issuer, value, settings), value);
}

/** Keys that Keyturn makes itself: whatever they are called, nobody else sees it. */
function generated(
  connector:
    | InstallConnector<unknown, unknown>
    | RollConnector<unknown, unknown>
    | SelfIssuedConnector<unknown>,
  { request }: CallContext,
): Pick<SelfIssuedProvider, 'nameMaxLength' | 'make'> {
  return {
    nameMaxLength: Number.POSITIVE_INFINITY,
    make: async (name, now) => secretValue(connector, connector.generate(request(name, now)), now),
  };
}

/** The root of short-lived tokens, as the key that it is; how tokens are minted from it is in bind-mint.ts. */
function rootCalls(
  { provider, title, steps }: MintConnector<unknown, unknown>,
  maker: RootMaker<unknown, unknown>,
  { safe, ask, askAsIssuer, request }: CallContext,
  verify: Provider['verify'],
): CallsOf<ExclusiveProvider> {
  return {
    // Nobody lists roots: so what is stored is looked at before another one is made.
    kind: 'exclusive',
    list: async () => [],
    nameMaxLength: maker.nameMaxLength,
    async make(name, now) {
      const made = await askAsIssuer((http, issuer) => maker.create(http, issuer, request(name, now)));
      return secretValue({ provider }, safe.issuedKey(made), now);
    },
    async revoke(keyId, held) {
      if (held && (await ask(http => maker.revoke(http, held), held))) return;
      if (held && (await verify(held)) === 'rejected') return;
      throw new KeyturnError(
        'refused',
        `Keyturn cannot end the key ${keyId}, since a person made it at ${title}; a person has to ${steps.end}`,
      );
    },
  };
}

/** Asks the provider about a key, for callers that have no issuer credential. */
export async function verifyKey(
  connector: Connector,
  value: SecretValue,
  settings: Record<string, unknown>,
  clock: Clock,
): Promise<Verdict> {
  const valid = validSettings(connector, settings);
  const ask = asker(connector, valid, safeRepliesOf(connector.title), clock);
  return ask(http => connector.verify(http, value, valid), value);
}

/**
 * The id of a key that a person made, asked of its provider with the key alone.
 * @returns `undefined` where this provider tells it to nobody
 * @throws {KeyturnError} key-rejected, where it does not accept the key
 */
export async function identifyKey(
  connector: Connector,
  secret: string,
  settings: Record<string, unknown>,
  clock: Clock,
): Promise<string | undefined> {
  const identify = 'identify' in connector ? connector.identify : undefined;
  if (!identify) return undefined;
  const valid = validSettings(connector, settings);
  try {
    return await asker(
      connector,
      valid,
      safeRepliesOf(connector.title),
      clock,
    )(http => identify(http, secret, valid), secret);
  } catch (error) {
    // It is the key that was asked with, and not the issuer credential.
    if (!hasCode(error, 'issuer-rejected')) throw error;
    throw new KeyturnError(
      'key-rejected',
      `${connector.title} rejects the key, so nothing was stored; check that you entered all of it, that it is active, and that it belongs to the account that its settings name`,
    );
  }
}

/** The only way in which a connector's calls get out, and what they tell gets in. */
export function asker(
  connector: Connector,
  settings: unknown,
  safe: SafeReplies,
  clock: Clock,
  limits = createCallLimits(clock, 'pass-on'),
): AskProvider {
  const { provider, title } = connector;
  const origins = connector.kind === 'self-issued' ? [] : connector.origins(settings);
  const transport = connector.kind === 'self-issued' ? undefined : connector.transport?.(settings);
  return (work, ...held) => {
    safe.learn(...held);
    // What the answers to one piece of work may take is limited together.
    return safe.during(() => work(createHttp({ provider, title, origins, transport, clock, limits })));
  };
}

function secretValue(
  { provider }: Pick<Connector, 'provider'>,
  { keyId, secret, expiresAt, scopes, fields }: IssuedKey,
  now: Date,
): SecretValue {
  const told = { ...(expiresAt && { expiresAt }), ...(scopes && { scopes }) };
  return { ...fields, secret, keyId, provider, issuedAt: now.toISOString(), ...told };
}

function expiryOf(connector: Connector, spec: Binding['spec'], settings: unknown, now: Date): Date {
  const maxKeyDays = connector.maxKeyDays?.(settings) ?? Number.POSITIVE_INFINITY;
  const days = spec.maxGapDays + (overlapsAtMost * spec.overlapHours) / 24 + spareDays;
  return new Date(now.getTime() + Math.min(days, maxKeyDays) * dayMs);
}

function isSameSet(some: string[], others: string[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && [...left].every(one => right.has(one));
}
