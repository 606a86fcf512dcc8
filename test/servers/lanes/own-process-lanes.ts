// The client library in this process, where the key that it holds ends before there is another.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKeysFrom, type Keys } from '../../../client/keys/keys';
import { createSecretReader } from '../../../client/keys/secrets/secret-reader';
import type { AskForToken } from '../../../client/keys/tokens/token-asker';
import { createUsage } from '../../../client/usage/usage';
import { place } from '../../../rehearsal/lanes/account';
import type { FakeApis } from '../../../rehearsal/lanes/fake-apis';
import { checkCall, type Lane, startResult, underLoad } from '../../../rehearsal/lanes/lane';
import { lagMs, latelyKnown, type TestWorld } from './token-lane';

const workers = 8;
const leastOfAll = 15_000;
/** From the revocation to the new key. */
const gapsMs = [300, 1_000, 2_000];
function keysFor(tokens?: { scopes: Record<string, string[]>; ask: AskForToken }): Keys {
  return createKeysFrom({
    place,
    variables: {},
    reader: createSecretReader(),
    ...(tokens && { tokens }),
    usage: createUsage({ intervalMs: 60_000, write: () => {} }),
    refreshMs: 300_000,
    staleMs: 24 * 3_600_000,
    now: () => Date.now(),
    sleep: ms => sleep(ms),
  });
}

/** Calls that pause between one and the next, as a server's do. */
async function call(keys: Keys, name: string, mark: string, { origin }: FakeApis): Promise<void> {
  const answer = await keys.use(name, ({ secret }) =>
    fetch(`${origin}/echo/${mark}`, { headers: { authorization: `Bearer ${secret}` } }),
  );
  const text = await answer.text();
  if (!answer.ok || !text.includes(mark))
    throw new Error(`the answer to ${mark} is ${answer.status} ${text}`);
  await sleep(2);
}

const revokedFirst: Lane<TestWorld> = {
  name: 'client library, the old key revoked first',
  async run({ account, apis, rotations, leastCalls = leastOfAll }) {
    const result = startResult(this.name);
    const newKey = () => `FAKESECRET-${randomBytes(16).toString('hex')}`;
    let key = newKey();
    account.addSecret('revoked-first');
    await account.put('revoked-first', key);
    apis.accept(key);
    const keys = keysFor();
    const callOnce = () =>
      checkCall(result, () => call(keys, 'revoked-first', `first-${result.calls}-`, apis));
    await underLoad(result, { workers, leastCalls }, callOnce, async () => {
      for (; result.rotations < rotations; result.rotations++) {
        await sleep(200);
        apis.revoke(key);
        await sleep(gapsMs[result.rotations % gapsMs.length]);
        key = newKey();
        apis.accept(key);
        await account.put('revoked-first', key, `contain-${randomBytes(20).toString('hex')}`);
      }
    });
    result.duplicated = apis.createdTwice(['first-']);
    return result;
  },
};

const laggingTokens: Lane<TestWorld> = {
  name: 'client library, tokens that their API learns of late',
  async run({ apis, rotations, leastCalls = leastOfAll }) {
    const result = startResult(this.name);
    const { make, stop } = latelyKnown(apis.accept);
    const ask: AskForToken = async () => {
      result.rotations++;
      return make();
    };
    const keys = keysFor({ scopes: { lagging: [] }, ask });
    const callOnce = () => checkCall(result, () => call(keys, 'lagging', `late-${result.calls}-`, apis));
    await underLoad(result, { workers, leastCalls }, callOnce, async () => {
      while (result.rotations < rotations) await sleep(100);
      await sleep(2 * lagMs);
    });
    stop();
    result.duplicated = apis.createdTwice(['late-']);
    return result;
  },
};

export const ownProcessLanes: Lane[] = [revokedFirst, laggingTokens];
