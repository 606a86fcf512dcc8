import { checksumHolds } from '../../core/key/generated-secret';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import type { Finding } from '../doctor/doctor';
import { fieldOf, parseKeyName, parseVariable, type ServerIdentity } from '../doctor/variables';
import { createInboundKeys, type InboundKey, type InboundKeys } from '../inbound';
import type { Usage } from '../usage/usage';
import { type Cached, callWithKey } from './calls';
import { type Key, keyOf } from './key';
import { createCachedKey } from './secrets/cached-key';
import type { SecretReader } from './secrets/secret-reader';
import { createCachedToken } from './tokens/cached-token';
import type { FederationSettingsByKey } from './tokens/federation-asker';
import type { AskForToken } from './tokens/token-asker';

/** The keys of one MCP server. */
export interface Keys {
  /**
   * Calls `fn` with a key that works. Where the provider rejects it (`fn` resolves to a Response with status 401, or with another
   * 4xx and the words by which this provider says so, or throws KeyRejected), the key is read afresh and `fn` called once more
   * with the new one. While there is no new one, the call waits up to four seconds for it. A token that is some seconds old is
   * tried again for as long: not all of the provider's machines may know it yet.
   * @param name `provider`, or `provider/purpose`
   * @param fn must be safe to call again after a rejection
   */
  use<T>(name: string, fn: (key: Key) => T | Promise<T>): Promise<T>;
  /** The key to use now, for one call. Do not keep it: it is revoked some time after the next rotation. Prefer `use`. */
  get(name: string): Promise<Key>;
  /** Values for the variables named in the options, for code that takes its keys from there. */
  env(): Promise<Record<string, string>>;
  /**
   * Whether a key that a client shows to this server is one that Keyturn issued to it.
   * @param names which self-issued keys count: `self-issued`, or `self-issued/purpose` @default ['self-issued']
   */
  acceptInbound(presented: string, names?: readonly string[]): Promise<InboundKey | undefined>;
  /**
   * What is wrong with the keys behind the variables named in the options: not readable, malformed, expiring, dead.
   * No finding quotes a value.
   */
  check(options?: CheckOptions): Promise<Finding[]>;
  /** Reports what has been counted. Call it before the process ends. */
  close(): Promise<void>;
}

export interface CheckOptions {
  /** Where variables may be set already. @default - process.env */
  env?: NodeJS.ProcessEnv;
  /** Asks each provider whether it accepts its key. @default false */
  verify?: boolean;
  /** How long the keys will be needed: one that ends before is a finding. @default 0 */
  neededMinutes?: number;
}

export interface KeysParts {
  place: ServerIdentity;
  variables: Record<string, string>;
  reader: SecretReader;
  /** Keys that are short-lived tokens, by name, with the scopes that each shall have. @default - none */
  tokens?: { scopes: Record<string, readonly string[]>; ask: AskForToken };
  /** Keys in whose place the server's AWS role is accepted, by short name. @default - none */
  federated?: { settings: FederationSettingsByKey; ask: AskForToken };
  usage: Usage;
  refreshMs: number;
  staleMs: number;
  now(): number;
  sleep(ms: number): Promise<void>;
}

export function createKeysFrom({
  place,
  variables,
  reader,
  tokens,
  federated,
  usage,
  refreshMs,
  staleMs,
  now,
  sleep,
}: KeysParts): Keys {
  const cached = new Map<string, Cached>();
  const named = new Map<string, Cached>();
  const inbound = new Map<string, { address: KeyAddress; keys: InboundKeys }>();
  /** Reports also without requests: a server that was seen to read a key, and reports nothing, has a problem. */
  const reported: SecretReader = {
    ...reader,
    async readCurrent(address) {
      const version = await reader.readCurrent(address);
      usage.count(address, 'requests', 0);
      return version;
    },
  };
  const minted = new Map(
    Object.entries(tokens?.scopes ?? {}).map(([name, scopes]) => [
      shortName(parseKeyName(name, place)),
      scopes,
    ]),
  );
  const expected = Object.entries(variables).map(([name, text]) => parseVariable(name, text, place));
  let underWay = 0;

  function cachedKey(address: KeyAddress): Cached {
    const name = shortName(address);
    const parts = { address, onStale: () => usage.count(address, 'staleServes'), now, sleep };
    const scopes = minted.get(name);
    return once(cached, name, () => {
      if (federated?.settings.has(name))
        return { address, key: createCachedToken({ ...parts, ask: federated.ask, scopes: [] }) };
      if (tokens && scopes) return { address, key: createCachedToken({ ...parts, ask: tokens.ask, scopes }) };
      return { address, key: createCachedKey({ ...parts, reader: reported, refreshMs, staleMs }) };
    });
  }

  function isToken(name: string): boolean {
    return minted.has(name) || (federated?.settings.has(name) ?? false);
  }

  /** Names are parsed once, although a program uses them for every call. */
  function namedKey(name: string): Cached {
    return once(named, name, () => cachedKey(parseKeyName(name, place)));
  }

  function inboundKeys(name: string) {
    const address = parseKeyName(name, place);
    const parts = {
      reader: reported,
      address,
      staleMs,
      now,
      onStale: () => usage.count(address, 'staleServes'),
    };
    return once(inbound, name, () => ({ address, keys: createInboundKeys(parts) }));
  }

  /** Counts are sent once nobody works with a key. */
  const settle = () => {
    if (!underWay) usage.settle();
  };

  async function use<T>(name: string, fn: (key: Key) => T | Promise<T>): Promise<T> {
    const held = namedKey(name);
    underWay++;
    try {
      return await callWithKey(held, fn, { usage, now });
    } finally {
      underWay--;
      settle();
    }
  }

  return {
    use,
    async get(name) {
      const { value } = await namedKey(name).key.get();
      settle();
      return keyOf(value);
    },
    async env() {
      const values: Record<string, string> = {};
      for (const variable of expected) {
        values[variable.name] = fieldOf((await cachedKey(variable.address).key.get()).value, variable);
      }
      settle();
      return values;
    },
    async acceptInbound(presented, names = ['self-issued']) {
      for (const name of names) {
        const { address, keys } = inboundKeys(name);
        const match = await keys.accept(presented);
        if (!match) continue;
        usage.count(address, 'requests');
        if (match.isSuperseded) usage.count(address, 'supersededUses');
        settle();
        return match;
      }
      // A genuine key, but revoked, or of another server: its client needs the new one.
      if (names[0] && checksumHolds(presented)) usage.count(inboundKeys(names[0]).address, 'authFailures');
      settle();
      return undefined;
    },
    async check({ env = process.env, verify = false, neededMinutes = 0 } = {}) {
      // Loaded here: it knows all providers, and a server that does not ask should not pay for that.
      const { examine } = await import('../doctor/examine');
      const clock = { now: () => new Date(now()), sleep };
      const stored = {
        read: (address: KeyAddress) => cachedKey(address).key.get(),
        givesTokens: async (address: KeyAddress) => isToken(shortName(address)),
      };
      return examine({ expected, env, stored, verify, neededMs: neededMinutes * minuteMs, clock });
    },
    close: () => usage.flush(),
  };
}

function once<T>(made: Map<string, T>, name: string, make: () => T): T {
  const known = made.get(name);
  if (known) return known;
  const fresh = make();
  made.set(name, fresh);
  return fresh;
}
