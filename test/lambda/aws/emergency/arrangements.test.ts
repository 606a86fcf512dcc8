// Which version an order can have forgotten: one without its labels is ended by nobody, so it must hold no key.
import { KeyturnError } from '../../../../core/errors';
import { arrange } from '../../../../lambda/aws/emergency/arrangements';

const key = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
const held = { value: { secret: 's', keyId: 'k', provider: 'sendgrid', issuedAt: '2026-11-23T00:00:00Z' } };

/** @returns the labels that were taken from the version */
async function forgotten(labels: string[], stored: unknown): Promise<string[]> {
  const released: string[] = [];
  const place = {
    store: {
      describe: async () => ({ address: key, versions: labels.length ? { v: labels } : {} }),
      async readVersion() {
        if (stored instanceof Error) throw stored;
        return stored;
      },
      moveLabel: async (_: unknown, label: string) => void released.push(label),
    },
  } as unknown as Parameters<typeof arrange>[3];
  const order = { kind: 'forget-version', key, versionId: 'v', requestedBy: 'somebody' } as const;
  await arrange(order, undefined, 'prod', place);
  return released;
}

const noKey = new KeyturnError('bad-secret', 'it holds something else');

test('one that holds something else than a key is', async () => {
  expect(await forgotten(['AWSPREVIOUS', 'KEYTURN-REVOKE'], noKey)).toEqual([
    'AWSPREVIOUS',
    'KEYTURN-REVOKE',
  ]);
});

test.each<[string, string[], unknown, string]>([
  ['the current one, whatever it holds', ['AWSCURRENT', 'KEYTURN-REVOKE'], noKey, 'which is the current one'],
  ['one that holds a key', ['AWSPREVIOUS'], held, 'which holds a key'],
  ['one in which nothing is stored yet', ['AWSPENDING'], undefined, 'in which nothing is stored'],
  ['one that has no label', [], noKey, 'which has no label'],
])('%s is not', async (_, labels, stored, why) => {
  await expect(forgotten(labels, stored)).rejects.toThrow(why);
});
