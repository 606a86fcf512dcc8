// A server that gets short-lived tokens in place of a key, which its API learns of late and forgets at their end.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { place, type SecretsRig } from '../../support/secrets';
import { openServer } from '../open-server';
import { answer, checkCall, type Lane, startResult, underLoad } from './lane';
import type { ServerLane } from './run-lane';

/** How long a token is known to nobody, and how long it lives. */
export const lagMs = 800;
export const tokenMs = 5_000;

export interface MadeToken {
  token: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
  scopes: string[];
}

/** @param accept told of each token once its API knows it @returns what makes one */
export function latelyKnown(accept: (token: string) => void): { make(): MadeToken; stop(): void } {
  const timers: NodeJS.Timeout[] = [];
  return {
    make() {
      const token = `FAKESECRET-${randomBytes(16).toString('hex')}`;
      timers.push(setTimeout(() => accept(token), lagMs));
      return { token, expiresAt: new Date(Date.now() + tokenMs).toISOString(), scopes: [] };
    },
    stop: () => timers.forEach(clearTimeout),
  };
}

/** The server's token function, which all lanes share. @returns where each says what it gives, by the purpose of its key */
export function openTokenFunction({ rig }: SecretsRig): Map<string, () => MadeToken> {
  const givers = new Map<string, () => MadeToken>();
  rig.addFunction(`keyturn-${place.environment}-token-${place.server}`, ({ purpose }: { purpose: string }) =>
    givers.get(purpose)?.(),
  );
  return givers;
}

export function tokenLane(lane: ServerLane): Lane {
  return {
    name: lane.name,
    async run({ secrets, apis, rotations, tokens, leastCalls = lane.leastCalls }) {
      const command = await lane.command();
      if (!Array.isArray(command)) return { lane: lane.name, ...command };
      const result = startResult(lane.name);
      const { make, stop } = latelyKnown(apis.accept);
      const [, purpose = 'main'] = lane.key.split('/');
      tokens.set(purpose, () => {
        result.rotations++;
        return make();
      });
      const { variable, key, sdk } = lane;
      const env = { ...lane.env(apis.origin), TEST_TOKENS: 'yes' };
      const options = { way: 'library' as const, variable, key, sdk, flags: [], env, overHttp: false };
      const client = await openServer(command, options, { secrets, apis }, () => {});
      const callOnce = () => checkCall(result, () => answer(client, lane.call(result.calls), result));
      await underLoad(result, { workers: lane.workers, leastCalls }, callOnce, async () => {
        while (result.rotations < rotations) await sleep(100);
        await sleep(2 * lagMs);
      });
      stop();
      result.duplicated = client.duplicated();
      await client.close();
      return result;
    },
  };
}
