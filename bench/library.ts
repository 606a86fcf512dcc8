// What the client library asks of AWS, and how soon it uses a new key: in virtual time, so that it is the same on every machine.
import { openSecrets, type SecretsSetup } from '../test/support/secrets';

export interface LibraryCounts {
  /** One key, used once a second for an hour in which nothing changes; by operation. */
  awsCallsAnHour: Record<string, number>;
  /** From a promotion to the first use of the new key, of calls that are made once a second. Seconds. */
  secondsToFirstUse: {
    /** Both keys work: the old one is used until AWS is asked again. The longest that this takes. */
    overlap: number;
    /** The old key was revoked, and the new one promoted a second later. */
    revokedFirst: number;
  };
}

const secondMs = 1_000;
const provider = 'gitlab';

export async function countLibrary(): Promise<LibraryCounts> {
  const secrets = await openSecrets();
  try {
    secrets.addSecret(provider);
    const accepted = new Set(['FAKESECRET-0']);
    await secrets.put(provider, 'FAKESECRET-0');
    const use = () =>
      secrets.keys.use(
        provider,
        ({ secret }) => new Response(secret, { status: accepted.has(secret) ? 200 : 401 }),
      );
    await use();
    const awsCallsAnHour = await callsAnHour(secrets, use);

    // The longest wait: it has just asked.
    while (!secrets.calls().includes('DescribeSecret')) {
      await secrets.aws.passMs(secondMs);
      await use();
    }
    accepted.add('FAKESECRET-1');
    await secrets.put(provider, 'FAKESECRET-1');
    const overlap = await untilUsed(secrets, use, 'FAKESECRET-1');

    accepted.clear();
    const promotedAt = new Date(now(secrets) + secondMs);
    secrets.aws.clock.schedule(promotedAt, 'promote', async () => {
      accepted.add('FAKESECRET-2');
      await secrets.put(provider, 'FAKESECRET-2');
    });
    await untilUsed(secrets, use, 'FAKESECRET-2');
    const revokedFirst = (now(secrets) - promotedAt.getTime()) / secondMs;
    return { awsCallsAnHour, secondsToFirstUse: { overlap, revokedFirst } };
  } finally {
    await secrets.close();
  }
}

const now = ({ aws }: SecretsSetup) => aws.clock.now().getTime();

async function callsAnHour(
  secrets: SecretsSetup,
  use: () => Promise<unknown>,
): Promise<Record<string, number>> {
  secrets.calls();
  for (let second = 0; second < 3_600; second++) {
    await secrets.aws.passMs(secondMs);
    await use();
  }
  const counts: Record<string, number> = {};
  for (const operation of secrets.calls()) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

async function untilUsed(secrets: SecretsSetup, use: () => Promise<Response>, key: string): Promise<number> {
  const begunAt = now(secrets);
  for (;;) {
    const answer = await use();
    if (answer.ok && (await answer.text()) === key) return (now(secrets) - begunAt) / secondMs;
    await secrets.aws.passMs(secondMs);
  }
}
