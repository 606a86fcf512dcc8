// A mint connector with a root that the provider knows, and bound as the token function does.
import { bindMint } from '../../../../connectors/contract/bind-mint';
import type { Connector, MintConnector } from '../../../../connectors/contract/connector';
import type { SecretValue } from '../../../../core/key/secret-value';
import type { TokenMint } from '../../../../core/tokens/tokens';
import type { Dialect, WireRequest } from '../../../../rehearsal/providers/dialect';
import type { Settings } from '../../../../rehearsal/providers/fake-account';
import { openProviderSetup, type ProviderSetup } from '../../../support/provider-setup';

export type AnyMint = MintConnector<unknown, unknown>;

export interface MintSetup extends ProviderSetup {
  connector: AnyMint;
  root: SecretValue;
  mint: TokenMint;
  mintFrom(root: SecretValue): TokenMint;
  /** From another root each time, since one may be used up. */
  freshMint(): TokenMint;
  /** Roots that minting brought forth, and that were to be stored. */
  stored: SecretValue[];
  /** A root that the provider knew once. */
  deadRoot(): SecretValue;
  /** The status that the MCP server gets when it calls with a token. */
  use(token: string): Promise<number>;
}

/** One promise that every mint connector keeps. */
export interface MintCheck {
  name: string;
  /** @param sample the dialect's, before `settings` changes it */
  where?(connector: AnyMint, sample: Settings): boolean;
  /** @default - the dialect's sample */
  settings?(sample: Settings): Settings;
  run(setup: MintSetup): Promise<void>;
}

export function isMint(connector: Connector): connector is AnyMint {
  return connector.kind === 'mint';
}

/** Where these settings know a way to end a token before its time. */
export function endsTokens({ tokenRevoker }: AnyMint, sample: Settings): boolean {
  return tokenRevoker(sample) !== undefined;
}

export function makesRoots({ rootMaker }: AnyMint, sample: Settings): boolean {
  return rootMaker?.makes(sample) ?? false;
}

export function usesUpRoot(connector: AnyMint, settings: Settings): boolean {
  return connector.usesUpRoot?.(settings) ?? false;
}

/**
 * Throws where the connector breaks the promise. Each check has a provider of its own.
 * @param own the dialect of a connector that is not Keyturn's
 */
export async function runCheck(check: MintCheck, connector: AnyMint, own?: Dialect): Promise<void> {
  const setup = await openMintSetup(connector, check.settings, own);
  try {
    await check.run(setup);
    expect(setup.violations).toEqual([]);
  } finally {
    await setup.close();
  }
}

async function openMintSetup(
  connector: AnyMint,
  change?: MintCheck['settings'],
  own?: Dialect,
): Promise<MintSetup> {
  const sample = await openProviderSetup(connector, undefined, own);
  const setup = change ? await reopened(sample, connector, change, own) : sample;
  const { dialect, settings, account, clock } = setup;
  const root = dialect.root!(settings, account);
  const stored: SecretValue[] = [];
  const mintFrom = (from: SecretValue) =>
    bindMint(connector, {
      readRoot: async () => stored.at(-1) ?? from,
      keepRoot: async next => void stored.push(next),
      spec: { settings },
      clock,
    });
  return {
    ...setup,
    connector,
    root,
    stored,
    mint: mintFrom(root),
    mintFrom,
    freshMint: () => mintFrom(dialect.root!(settings, account)),
    deadRoot() {
      const dead = dialect.root!(settings, account);
      account.revoke(account.ownerOf(dead.secret)!);
      return dead;
    },
    async use(token) {
      const value = { ...root, secret: token };
      const { url, ...init }: WireRequest = dialect.use(value, settings, clock.now());
      const reply = await fetch(url, init);
      // Some tell it inside a 200.
      const told = (await reply.json().catch(() => undefined)) as { ok?: boolean } | undefined;
      return told?.ok === false ? 401 : reply.status;
    },
  };
}

async function reopened(
  setup: ProviderSetup,
  connector: AnyMint,
  change: NonNullable<MintCheck['settings']>,
  own?: Dialect,
): Promise<ProviderSetup> {
  await setup.close();
  return openProviderSetup(connector, change(setup.settings), own);
}
