import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import type { Connector } from '../../../../connectors/contract/connector';
import { type ErrorCode, KeyturnError } from '../../../../core/errors';
import type { SecretValue } from '../../../../core/key/secret-value';
import type { HandMadeProvider, Verdict } from '../../../../core/provider';
import type { WireReply } from '../../../../rehearsal/providers/dialect';
import type { ProviderSetup } from '../../../support/provider-setup';

/** `holder-revoked`: of `revoke-only`, where no admin credential lists and ends keys. */
export type CheckedKind = Connector['kind'] | 'holder-revoked';

export function checkedKind(connector: Connector): CheckedKind {
  const isByHolder = connector.kind === 'revoke-only' && connector.revoker.by === 'holder';
  return isByHolder ? 'holder-revoked' : connector.kind;
}

/** Kinds whose keys only a person makes. */
export const handMade = ['revoke-only', 'holder-revoked', 'manual'] as const;

/** One promise that every connector of these kinds keeps. */
export interface Check {
  name: string;
  kinds: readonly CheckedKind[];
  /** Narrower than the kind: connectors with expiry, with scopes, ... */
  where?(connector: Connector & { control?: unknown }): boolean;
  run(setup: ProviderSetup): Promise<void>;
}

type HoldsSecrets = Pick<ProviderSetup, 'allSecrets'>;

/** @returns the error, which must be of ours, of this code, and without any secret */
export async function expectError(
  work: Promise<unknown>,
  code: ErrorCode,
  setup: HoldsSecrets,
): Promise<KeyturnError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KeyturnError);
  expectNoSecretIn(inspect(error, { depth: 10, showHidden: true }), setup);
  expect(error).toMatchObject({ code });
  return error as KeyturnError;
}

export function expectNoSecretIn(text: string, setup: HoldsSecrets): void {
  for (const secret of setup.allSecrets()) {
    if (secret.length >= 8 && text.includes(secret)) throw new Error('a secret is in a text that people see');
  }
  expect(text).not.toMatch(/FAKESECRET/);
}

/** The calls that a kind of connector offers besides `verify`, on a setup that holds two keys. */
export function operations(
  setup: ProviderSetup,
  [first]: SecretValue[],
): Record<string, () => Promise<unknown>> {
  const { provider, connector } = setup;
  const install = () => provider.install(first!);
  if (connector.kind === 'roll') return { install };
  if (connector.kind === 'manual') return {};
  const expiry = { expiry: () => expiryOf(provider, first!) };
  if (checkedKind(connector) === 'holder-revoked')
    return { ...expiry, revoke: () => provider.revoke(first!.keyId, first) };
  const common = { list: () => provider.list(), revoke: () => provider.revoke(first!.keyId) };
  if (connector.kind === 'install') return { ...common, install };
  if (connector.kind === 'revoke-only') return { ...common, ...expiry };
  return { ...common, create: () => provider.make(setup.keyName('version-3'), setup.clock.now()) };
}

/** When a key that a person made ends, as its provider tells. */
export function expiryOf(provider: ProviderSetup['provider'], value: SecretValue) {
  const { expiry } = provider as Partial<HandMadeProvider>;
  if (!expiry) throw new Error('a person did not make this key');
  return expiry(value);
}

/** The same reply with every text in it changed. */
export function mapTexts(reply: WireReply, change: (text: string) => string): WireReply {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner)]));
  };
  return { ...reply, body: walk(reply.body) };
}

/** What may be said of a dead key: where live keys look alike, that it was turned away. */
export function deadVerdicts({ control }: Pick<ProviderSetup['provider'], 'control'>): Verdict[] {
  return control ? ['rejected', 'denied'] : ['rejected'];
}

let otherKey: string | undefined;

/** The same secret with one character changed; of a private key for TLS, another one, since a mangled one signs nothing. */
export function mangled(value: SecretValue): SecretValue {
  if (value.secret.startsWith('-----BEGIN OPENSSH')) {
    // Of its private half, which stands at the end.
    const changed = value.secret.replace(
      /(.)(.{40}\n.+\n-----END)/,
      (_all, one, rest) => (one === 'x' ? 'y' : 'x') + rest,
    );
    return { ...value, secret: changed };
  }
  if (value.secret.startsWith('-----BEGIN')) {
    otherKey ??= generateKeyPairSync('rsa', { modulusLength: 512 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    return { ...value, secret: otherKey };
  }
  const last = value.secret.at(-1) === 'x' ? 'y' : 'x';
  return { ...value, secret: value.secret.slice(0, -1) + last };
}

/** The same issuer credential with another secret in it. */
export function otherIssuer({ dialect, settings }: ProviderSetup): Record<string, string> {
  const change = (secret: string) =>
    /FAKESECRET|^-----BEGIN/.test(secret) ? mangled({ secret } as SecretValue).secret : secret;
  const issuer = Object.entries(dialect.issuer(settings));
  return Object.fromEntries(issuer.map(([field, value]) => [field, change(value)]));
}
