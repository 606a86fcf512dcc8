// What an audit could not see this time may be there still: nothing that was found there before counts as gone.
import type { NotCovered } from '../../../../core/audit/finding';
import { newsOf } from '../../../../core/audit/news';
import { secretName } from '../../../../core/key/key-address';
import { lookAtKeys } from '../../../../lambda/aws/audit/keys-part';
import { findStrangers } from '../../../../lambda/aws/audit/proofs';
import { lookAtProvider } from '../../../../lambda/aws/audit/provider-part';
import { lookAtWatching } from '../../../../lambda/aws/audit/watching-part';
import { createRegistry } from '../../../../lambda/aws/registry/registry';
import { type AuditSetup, addressOf, kmsKeyArn, openAuditSetup } from './audit-run';

let setup: AuditSetup;
beforeEach(async () => {
  setup = await openAuditSetup();
});
afterEach(() => setup.close());

const strangers = (count: number) => {
  const listed = Array.from({ length: count }, (_, n) => ({ id: `k${n}`, name: `by hand ${n}` }));
  const listing = { provider: 'sendgrid', title: 'SendGrid', environment: 'prod', keys: [], listed };
  return findStrangers(setup.run, listing, [], [], async () => listed);
};

test('as many unknown keys as an answer has room for are all told of', async () => {
  const { findings, notCovered } = await strangers(2_000);
  expect(findings).toHaveLength(2_000);
  expect(notCovered).toEqual([]);
});

test('one more makes none of them gone', async () => {
  const { findings, notCovered } = await strangers(2_001);
  expect(findings).toHaveLength(2_000);
  expect(notCovered).toEqual([
    {
      what: 'SendGrid: keys that Keyturn does not know, beyond the first 2,000',
      why: 'there are 1 more, and an answer has no room for them',
      failed: true,
    },
  ]);
  const last = { rule: 'unknown-key', subject: 'sendgrid key k2000', part: 'provider:sendgrid' } as const;
  const answer = { findings, notCovered, looked: {}, prints: [] };
  const { gone, unseen } = newsOf([last], { findings }, [{ part: last.part, answers: [answer] }]);
  expect({ gone, unseen }).toEqual({ gone: [], unseen: [last] });
});

describe('a secret that is not under the KMS key of the environment', () => {
  const looks: [part: string, look: (run: AuditSetup['run']) => Promise<{ notCovered: NotCovered[] }>][] = [
    ['keys', lookAtKeys],
    ['watching', run => lookAtWatching(run, setup.sns)],
    ['provider', run => lookAtProvider({ ...run, about: 'sendgrid' })],
  ];
  const third = addressOf('third');

  test.each(looks)('is missed by the part %s, if a deployment names it', async (_, look) => {
    expect(await missed(look, ['third'])).toMatchObject([{ failed: true }]);
  });

  test.each(looks)('is no fault of the part %s, if no deployment names it', async (_, look) => {
    for (const { failed } of await missed(look, [])) expect(failed).toBeUndefined();
  });

  async function missed(look: (typeof looks)[number][1], registered: string[]): Promise<NotCovered[]> {
    const other = kmsKeyArn.replace('environment', 'other');
    setup.model.kms.add({ arn: other, policy: '{"Statement":[]}' });
    setup.model.secretsManager.createFromTemplate({
      name: secretName(third),
      kmsKeyId: other,
      secretString: '{"state":"unissued"}',
    });
    const spec = setup.run.registry.specOf(addressOf('bot'), kmsKeyArn);
    const specs = Object.fromEntries(registered.map(server => [`prod/sendgrid/${server}`, spec]));
    const registry = createRegistry(() => specs, kmsKeyArn);
    const { notCovered } = await look({ ...setup.run, registry });
    return notCovered.filter(({ what }) => what === 'prod/sendgrid/third');
  }
});
