// Every answer that can stand where a verdict on a key is expected, and what may be concluded from it.
import type { Verdict } from '../../../../core/provider';
import type { Dialect, VerifyAnswer, WireReply } from '../../../../rehearsal/providers/dialect';
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';
import type { ProviderSetup } from '../../../support/provider-setup';
import { mapTexts } from './check';

interface VerdictCase {
  of: string;
  reply: WireReply;
  means: Verdict;
}

const html = '<!DOCTYPE html><html><body>Access denied</body></html>';
const otherStatuses = [200, 201, 202, 204, 400, 401, 403, 404, 409, 418, 422, 500, 502, 503];

/** What the dialect states, and each of its words for a dead key out of place. */
export function verdictCases({ verifyAnswers }: Dialect): VerdictCase[] {
  const stated = verifyAnswers.map(([of, means, reply]) => ({ of, means, reply }));
  return [...stated, ...verifyAnswers.filter(isOfDead).flatMap(answer => misplaced(answer, verifyAnswers))];
}

/** Throws where the connector concludes another thing. */
export async function expectVerdicts(
  { faults, dialect }: ProviderSetup,
  verify: () => Promise<Verdict>,
): Promise<void> {
  const concluded: Record<string, Verdict> = {};
  const expected: Record<string, Verdict> = {};
  for (const { of, reply, means } of verdictCases(dialect)) {
    const place = `${of}: ${reply.status}`;
    faults(always(reply));
    concluded[place] = await verify();
    expected[place] = means;
  }
  faults(() => undefined);
  expect(concluded).toEqual(expected);
}

export function always(reply: WireReply): () => ProviderFault {
  return () => ({ kind: 'instead', answer: () => reply });
}

export function isOfDead([, means]: VerifyAnswer): boolean {
  return means === 'rejected' || means === 'denied';
}

function misplaced([of, , reply]: VerifyAnswer, all: readonly VerifyAnswer[]): VerdictCase[] {
  const bodies = [
    ...(reply.status === 200 ? [] : [{ of: `an empty answer in place of "${of}"`, body: undefined }]),
    { of: `a web page in place of "${of}"`, body: html },
    ...quoted(reply).map((body, index) => ({ of: `"${of}", quoted by another message (${index})`, body })),
  ];
  const isStated = (status: number) => all.some(other => isOfDead(other) && other[2].status === status);
  return [
    ...bodies.map(({ of, body }) => ({
      of,
      reply: { status: reply.status, body },
      means: 'unknown' as const,
    })),
    ...otherStatuses
      .filter(status => !isStated(status))
      .map(status => ({
        of: `"${of}" with another status`,
        reply: { ...reply, status },
        means: 'unknown' as const,
      })),
  ];
}

/** Providers and gateways quote what they were told, and what others say. */
function quoted(reply: WireReply): unknown[] {
  const words = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  const message = `An upstream answered: ${words}`;
  if (typeof reply.body === 'string') {
    const escaped = message.replace(/[<>&]/g, sign => ({ '<': '&lt;', '>': '&gt;' })[sign] ?? '&amp;');
    return [
      message,
      `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${escaped}</Message></Error></ErrorResponse>`,
    ];
  }
  return [
    message,
    { message },
    { error: { message, code: null } },
    { error: 'forbidden', error_description: message },
    { name: 'forbidden', message },
    { errors: [{ message }] },
    mapTexts(reply, text => `An upstream answered: ${text}`).body,
    [reply.body],
    { upstream: reply.body },
  ];
}
