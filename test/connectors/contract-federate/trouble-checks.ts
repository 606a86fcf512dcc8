// What a federation makes of trouble at the provider.
import { type ErrorCode, KeyturnError } from '../../../core/errors';
import type { WireReply } from '../../../rehearsal/providers/dialect';
import type { Fault } from '../../../rehearsal/providers/fake-provider';
import { jwtIn } from '../../../rehearsal/providers/federation';
import { mapTexts } from '../contract/check';
import type { FederateCheck, FederateSetup } from './setup';

/** @returns the error's text, which must hold no secret */
export async function expectRefusal(
  work: Promise<unknown>,
  code: ErrorCode,
  setup: FederateSetup,
): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KeyturnError);
  expect(error).toMatchObject({ code });
  const { message } = error as KeyturnError;
  for (const secret of setup.allSecrets()) expect(message).not.toContain(secret);
  expect(message).not.toMatch(/FAKESECRET/);
  return message;
}

const passing: Fault[] = [
  { kind: '429', retryAfterSeconds: 2 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, headers: { 'retry-after': '2' } },
  { kind: 'drop-before' },
  { kind: 'drop-after' },
  { kind: 'hang' },
];
const lasting: [Fault, ErrorCode][] = [
  [{ kind: 'status', status: 400 }, 'refused'],
  [{ kind: 'status', status: 401 }, 'refused'],
  [{ kind: 'status', status: 403 }, 'refused'],
  [{ kind: 'status', status: 404 }, 'refused'],
  [{ kind: 'status', status: 500 }, 'provider-down'],
  [{ kind: 'status', status: 302, headers: { location: 'https://evil.example.com/' } }, 'bad-reply'],
  [{ kind: '429' }, 'rate-limited'],
  [{ kind: 'drop-before' }, 'no-answer'],
];
const nameOf = (fault: Fault) => (fault.kind === 'status' ? String(fault.status) : fault.kind);

const rewritten = (change: (body: Record<string, unknown>) => unknown): Fault => ({
  kind: 'rewrite',
  change: (reply: WireReply) => ({ ...reply, body: change(reply.body as Record<string, unknown>) }),
});

export const troubleChecks: FederateCheck[] = [
  ...passing.map(
    (fault): FederateCheck => ({
      name: `after one ${nameOf(fault)} another JWT is exchanged, each of them once`,
      async run({ token, identities, exchanges, calls, faultOnce, use, clock }) {
        const before = clock.passed;
        faultOnce(fault);
        const { token: secret } = await token();
        expect(await use(secret)).toBe(200);
        expect(clock.passed).toBeGreaterThan(before);
        expect(new Set(identities).size).toBe(2);
        expect(calls.filter(({ kind }) => kind === 'exchange')).toHaveLength(2);
        const sent = exchanges.flatMap(({ call }) => jwtIn(call) ?? []);
        expect(new Set(sent).size).toBe(sent.length);
      },
    }),
  ),
  ...lasting.map(
    ([fault, code]): FederateCheck => ({
      name: `lasting trouble is called by its name, and not asked for ever: ${nameOf(fault)} is ${code}`,
      async run(setup) {
        setup.faults(() => fault);
        await expectRefusal(setup.token(), code, setup);
        expect(setup.calls.length).toBeLessThanOrEqual(3);
      },
    }),
  ),
  {
    name: 'an answer without a token, without an end, or of another shape is a bad reply',
    async run(setup) {
      const wrong: Fault[] = [
        rewritten(({ access_token: _, ...body }) => body),
        rewritten(({ expires_in: _, ...body }) => body),
        rewritten(body => ({ ...body, expires_in: 0 })),
        rewritten(body => ({ ...body, access_token: 'with\nlines' })),
        rewritten(() => '<html>Please log in</html>'),
        rewritten(() => []),
      ];
      for (const fault of wrong) {
        setup.faults(() => fault);
        await expectRefusal(setup.token(), 'bad-reply', setup);
      }
    },
  },
  {
    name: 'a token that would outlive what is waited out is not used',
    async run(setup) {
      const { tokenSecondsAtMost } = setup.connector;
      setup.faults(() => rewritten(body => ({ ...body, expires_in: tokenSecondsAtMost + 120 })));
      const text = await expectRefusal(setup.token(), 'refused', setup);
      expect(text).toContain(`at most ${tokenSecondsAtMost} s`);
      setup.faults(() => rewritten(body => ({ ...body, expires_in: tokenSecondsAtMost })));
      await setup.token();
    },
  },
  {
    name: 'an error shows nothing of what the provider echoes',
    async run(setup) {
      for (const status of [400, 401, 403, 404, 422, 500]) {
        const echo = () => `${setup.identities.join(' ')} ${setup.allSecrets().join(' ')}`;
        setup.faults(() => ({
          kind: 'rewrite',
          change: reply => ({
            ...mapTexts(reply, echo),
            status,
            body: { error: echo(), error_description: echo() },
          }),
        }));
        await expectRefusal(setup.token(), status === 500 ? 'provider-down' : 'refused', setup);
      }
    },
  },
];
