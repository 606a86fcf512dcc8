// A server that gets short-lived tokens in place of a key, which its API learns of late and forgets at their end.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneAccount } from '../../../rehearsal/lanes/account';
import {
  answer,
  checkCall,
  type Lane,
  type LaneWorld,
  startResult,
  underLoad,
} from '../../../rehearsal/lanes/lane';
import { openServer } from '../../../rehearsal/lanes/open-server';
import type { ServerLane } from '../../../rehearsal/lanes/run-lane';

/** How long a token is known to nobody, and how long it lives. */
export const lagMs = 800;
export const tokenMs = 5_000;

export interface TestWorld extends LaneWorld {
  rotations: number;
  /** What the server's token function gives, by the purpose of a key. */
  tokens: Map<string, () => MadeToken>;
}

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
export function openTokenFunction(account: LaneAccount): TestWorld['tokens'] {
  const givers = new Map<string, () => MadeToken>();
  account.addTokenFunction(({ purpose }) => givers.get(purpose)?.());
  return givers;
}

export function tokenLane(lane: ServerLane): Lane<TestWorld> {
  return {
    name: lane.name,
    async run({ account, apis, rotations, tokens, leastCalls = lane.leastCalls }) {
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
      const client = await openServer(command, options, { account, apis }, () => {});
      const marks: string[] = [];
      const callOnce = () => {
        const call = lane.call(result.calls);
        marks.push(call.mark);
        return checkCall(result, () => answer(client, call, result));
      };
      await underLoad(result, { workers: lane.workers, leastCalls }, callOnce, async () => {
        while (result.rotations < rotations) await sleep(100);
        await sleep(2 * lagMs);
      });
      stop();
      result.duplicated = client.duplicated() + apis.createdTwice(marks);
      await client.close();
      return result;
    },
  };
}
