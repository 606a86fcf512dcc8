// A mint connector on the bench of the contract suite: with a root that the provider knows, and bound as the token function does.
import { bindMint } from '../../../connectors/contract/bind-mint';
import type { Connector, MintConnector } from '../../../connectors/contract/connector';
import type { SecretValue } from '../../../core/key/secret-value';
import type { TokenMint } from '../../../core/tokens/tokens';
import type { Settings, WireRequest } from '../../../rehearsal/providers/dialect';
import { type Bench, openBench } from '../contract/bench';

export type AnyMint = MintConnector<unknown, unknown>;

export interface MintBench extends Bench {
  connector: AnyMint;
  root: SecretValue;
  mint: TokenMint;
  mintFrom(root: SecretValue): TokenMint;
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
  where?(connector: AnyMint): boolean;
  /** @default - the dialect's sample */
  settings?(sample: Settings): Settings;
  run(bench: MintBench): Promise<void>;
}

export function isMint(connector: Connector): connector is AnyMint {
  return connector.kind === 'mint';
}

/** Throws where the connector breaks the promise. Each check has a provider of its own. */
export async function runCheck(check: MintCheck, connector: AnyMint): Promise<void> {
  const bench = await openMintBench(connector, check.settings);
  try {
    await check.run(bench);
    expect(bench.violations).toEqual([]);
  } finally {
    await bench.close();
  }
}

async function openMintBench(connector: AnyMint, change?: MintCheck['settings']): Promise<MintBench> {
  const sample = await openBench(connector);
  const bench = change ? await reopened(sample, connector, change) : sample;
  const { dialect, settings, account, clock } = bench;
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
    ...bench,
    connector,
    root,
    stored,
    mint: mintFrom(root),
    mintFrom,
    deadRoot() {
      const dead = dialect.root!(settings, account);
      account.revoke(account.ownerOf(dead.secret)!);
      return dead;
    },
    async use(token) {
      const value = { ...root, secret: token };
      const { url, ...init }: WireRequest = dialect.use(value, settings, clock.now());
      return (await fetch(url, init)).status;
    },
  };
}

async function reopened(
  bench: Bench,
  connector: AnyMint,
  change: NonNullable<MintCheck['settings']>,
): Promise<Bench> {
  await bench.close();
  return openBench(connector, change(bench.settings));
}
