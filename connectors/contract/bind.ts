// Binds a connector to one key: its settings, its scopes and the issuer credential become a `Provider` that the rules can ask.

import { overlapsAtMost } from '../../core/ending/retirement';
import { KeyturnError } from '../../core/errors';
import type { KeySpec } from '../../core/key/key-spec';
import type { SecretValue } from '../../core/key/secret-value';
import type {
  Clock,
  ExclusiveProvider,
  InstallProvider,
  IssueProvider,
  Provider,
  Verdict,
} from '../../core/provider';
import { dayMs } from '../../core/time';
import { type CallLimits, createCallLimits } from '../http/call-rate';
import { createHttp, type Http } from '../http/http';
import type {
  Connector,
  InstallConnector,
  IssueConnector,
  IssuedKey,
  KeyRequest,
  MintConnector,
  RollConnector,
  SelfIssuedConnector,
} from './connector';
import { validIssuer, validSettings } from './validated';

export interface Binding {
  /** The issuer credential as parsed JSON; read only when a call needs it, and once. */
  readIssuer(): Promise<unknown>;
  environment: string;
  spec: Pick<KeySpec, 'scopes' | 'settings' | 'maxGapDays' | 'overlapHours'>;
  clock: Clock;
  /** Shared with others who call this provider. @default - its own */
  limits?: CallLimits;
}

/** A key outlives its planned end by this much, so that failing rotations can be mended while it still works. */
const spareDays = 14;

/** What the calls of one key have in common. */
interface Place {
  /** For one piece of work: what its answers may take together is limited. */
  open(): Http;
  settings: unknown;
  issuer(): Promise<unknown>;
  request(name: string, now: Date): KeyRequest<unknown>;
}

export function bindConnector(connector: Connector, binding: Binding): Provider {
  const settings = validSettings(connector, binding.spec.settings);
  const { scopes } = binding.spec;
  const { limits = createCallLimits(binding.clock, 'pass-on') } = binding;
  const open = () => httpFor(connector, settings, binding.clock, limits);
  let reading: Promise<unknown> | undefined;
  const place: Place = {
    open,
    settings,
    issuer: () => (reading ??= readIssuer(connector, binding, settings)),
    request: (name, now) => ({ name, scopes, expiresAt: expiryOf(connector, binding.spec, now), settings }),
  };
  const common = {
    id: connector.provider,
    nameMaxLength: Number.POSITIVE_INFINITY,
    propagation: connector.propagation,
    verify: (value: SecretValue) => connector.verify(open(), value, settings),
  };
  switch (connector.kind) {
    case 'issue': {
      const { exclusive, nameMaxLength } = connector;
      const kind = exclusive ? 'exclusive' : 'issue';
      const make = issue(connector, place);
      return {
        ...common,
        kind,
        nameMaxLength,
        make,
        ...keptKeys(connector, place),
        ...control(connector, place),
      };
    }
    case 'install': {
      const calls = { make: generate(connector, place), install: install(connector, place) };
      return { ...common, kind: 'install', ...calls, ...keptKeys(connector, place) };
    }
    case 'roll':
      return {
        ...common,
        kind: 'roll',
        make: generate(connector, place),
        install: install(connector, place),
      };
    case 'self-issued':
      return { ...common, kind: 'self-issued', make: generate(connector, place) };
    case 'mint':
      return { ...common, ...rootCalls(connector, place) };
  }
}

function issue(
  connector: IssueConnector<unknown, unknown>,
  { open, settings, issuer, request }: Place,
): Provider['make'] {
  return async (name, now) => {
    const asked = request(name, now);
    const key = await connector.create(open(), await issuer(), asked);
    if (!key.scopes || isSameSet(key.scopes, asked.scopes)) return secretValue(connector, key, now);
    // Nobody holds it yet, so it can go at once.
    await connector.revoke(open(), await issuer(), key.keyId, settings);
    throw new KeyturnError(
      'refused',
      `${connector.title} granted [${key.scopes}] where [${asked.scopes}] was asked, so the key ${key.keyId} was revoked; ask for scopes that the issuer credential may grant`,
    );
  };
}

function keptKeys(
  connector: IssueConnector<unknown, unknown> | InstallConnector<unknown, unknown>,
  { open, settings, issuer }: Place,
): Pick<InstallProvider, 'list' | 'revoke'> {
  return {
    list: async () => connector.list(open(), await issuer(), settings),
    revoke: async keyId => connector.revoke(open(), await issuer(), keyId, settings),
  };
}

function control(
  connector: IssueConnector<unknown, unknown>,
  { open, settings, issuer }: Place,
): Pick<IssueProvider, 'control'> {
  const { control } = connector;
  return control ? { control: async () => control(open(), await issuer(), settings) } : {};
}

function install(
  connector: InstallConnector<unknown, unknown> | RollConnector<unknown, unknown>,
  { open, settings, issuer }: Place,
): InstallProvider['install'] {
  return async value => connector.install(open(), await issuer(), value, settings);
}

function generate(
  connector:
    | InstallConnector<unknown, unknown>
    | RollConnector<unknown, unknown>
    | SelfIssuedConnector<unknown>,
  { request }: Place,
): Provider['make'] {
  return async (name, now) => secretValue(connector, connector.generate(request(name, now)), now);
}

/** The root of short-lived tokens, as the key that it is; how tokens are minted from it is in bind-mint.ts. */
function rootCalls(connector: MintConnector<unknown, unknown>, place: Place) {
  const { open, settings, issuer, request } = place;
  const maker = connector.rootMaker?.makes(settings) ? connector.rootMaker : undefined;
  const byHand = (what: string) =>
    new KeyturnError(
      'refused',
      `${connector.title} lets no API ${what}; a person has to, in ${connector.rootHelp}`,
    );
  const calls: Pick<ExclusiveProvider, 'kind' | 'nameMaxLength' | 'make' | 'list' | 'revoke'> = {
    // Nobody lists roots: so what is stored is looked at before another one is made.
    kind: 'exclusive',
    list: async () => [],
    nameMaxLength: maker?.nameMaxLength ?? Number.POSITIVE_INFINITY,
    async make(name, now) {
      if (!maker) throw byHand('make this key, so it cannot be rotated');
      return secretValue(connector, await maker.create(open(), await issuer(), request(name, now)), now);
    },
    async revoke(keyId, held) {
      if (held && (await maker?.revoke(open(), held))) return;
      if (held && (await connector.verify(open(), held, settings)) === 'rejected') return;
      throw byHand(`end the key ${keyId}`);
    },
  };
  return calls;
}

/** Asks the provider about a key, for callers that have no issuer credential. */
export async function verifyKey(
  connector: Connector,
  value: SecretValue,
  settings: Record<string, unknown>,
  clock: Clock,
): Promise<Verdict> {
  const valid = validSettings(connector, settings);
  return connector.verify(httpFor(connector, valid, clock), value, valid);
}

/** The only way in which a connector's calls get out. */
export function httpFor(
  connector: Connector,
  settings: unknown,
  clock: Clock,
  limits = createCallLimits(clock, 'pass-on'),
): Http {
  const origins = connector.kind === 'self-issued' ? [] : connector.origins(settings);
  return createHttp({ provider: connector.provider, title: connector.title, origins, clock, limits });
}

async function readIssuer(connector: Connector, binding: Binding, settings: unknown): Promise<unknown> {
  if (connector.kind === 'self-issued') return undefined;
  if (connector.kind === 'mint') {
    if (!connector.rootMaker) return undefined;
    const { issuer, issuerHelp, issuerOrigin } = connector.rootMaker;
    const { provider, title, origins } = connector;
    const owner = { provider, title, origins, issuer, issuerHelp, issuerOrigin };
    return validIssuer(owner, await binding.readIssuer(), settings, binding.environment);
  }
  return validIssuer(connector, await binding.readIssuer(), settings, binding.environment);
}

function secretValue(
  { provider }: Connector,
  { keyId, secret, expiresAt, scopes, fields }: IssuedKey,
  now: Date,
): SecretValue {
  const told = { ...(expiresAt && { expiresAt }), ...(scopes && { scopes }) };
  return { ...fields, secret, keyId, provider, issuedAt: now.toISOString(), ...told };
}

function expiryOf(
  { maxKeyDays = Number.POSITIVE_INFINITY }: Connector,
  spec: Binding['spec'],
  now: Date,
): Date {
  const days = spec.maxGapDays + (overlapsAtMost * spec.overlapHours) / 24 + spareDays;
  return new Date(now.getTime() + Math.min(days, maxKeyDays) * dayMs);
}

function isSameSet(some: string[], others: string[]): boolean {
  const [left, right] = [new Set(some), new Set(others)];
  return left.size === right.size && [...left].every(one => right.has(one));
}
