import { minuteMs } from '../../../core/time';
import { orderDigest, orderHeader } from '../../../lambda/aws/emergency/caller-proof';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { mailOf } from '../../../rehearsal/scenarios/parts/incidents';
import { administrator, rehearsedAttack } from '../attack';
import { orderOf, send, session } from '../support/orders';
import { theftKeys } from '../support/theft';

export const attack = rehearsedAttack({
  about:
    'an administrator orders a revocation in the name of another one, also with the signature of an order that the other one gave before',
  keys: theftKeys,
  guards: [
    {
      module: 'core/incident/requester.ts',
      exports: { requesterInWords: '(by: { requestedBy: string }) => by.requestedBy' },
    },
    {
      module: 'lambda/aws/emergency/caller-proof.ts',
      exports: {
        provenCaller:
          '(call: { proof?: object }, ask: (proof: object) => Promise<string>) => call.proof && ask(call.proof)',
      },
    },
  ],
  async play(context) {
    await makeFirstKeys(context);
    const accessKeyId = context.world.clientSettings(administrator, 'alice').credentials.accessKeyId;
    const stolen = {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20270101/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;${orderHeader}, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-date': '20270101T000000Z',
      [orderHeader]: orderDigest(orderOf(context, { reason: 'given by alice' })),
    };
    const orders = [
      orderOf(context),
      orderOf(context, { incidentId: '20270101T000000Z-00000001', proof: stolen }),
      orderOf(context, {
        incidentId: '20270101T000000Z-00000002',
        proof: { ...stolen, [orderHeader]: '0'.repeat(64) },
      }),
    ];
    for (const order of orders) await send(context, order);
    await context.pass(5 * minuteMs);
    // Mails fold long lines.
    const told = mailOf(context)
      .map(({ text }) => text.replace(/\s+/g, ' '))
      .filter(text => text.includes('(an attack)'));
    if (told.length < orders.length) throw new Error(`only ${told.length} orders were told of`);
    const wrong = told.filter(text => text.includes(`ordered by ${session('alice')}`));
    return wrong.length
      ? `${wrong.length} of ${told.length} messages say that alice gave the order`
      : undefined;
  },
});
