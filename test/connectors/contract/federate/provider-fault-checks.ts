// What a federation makes of trouble at the provider.
import type { WireReply } from '../../../../rehearsal/providers/dialect';
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';
import { jwtIn } from '../../../../rehearsal/providers/federation';
import { expectError, mapTexts } from '../checks/check';
import { lastingFaults, nameOfFault, passingFaults } from '../checks/provider-faults';
import type { FederateCheck } from './setup';

const lasting: typeof lastingFaults = [
  [{ kind: 'status', status: 400 }, 'refused'],
  [{ kind: 'status', status: 401 }, 'refused'],
  [{ kind: 'status', status: 404 }, 'refused'],
  ...lastingFaults,
];

const rewritten = (change: (body: Record<string, unknown>) => unknown): ProviderFault => ({
  kind: 'rewrite',
  change: (reply: WireReply) => ({ ...reply, body: change(reply.body as Record<string, unknown>) }),
});

export const faultChecks: FederateCheck[] = [
  ...passingFaults.map(
    (fault): FederateCheck => ({
      name: `after one ${nameOfFault(fault)} another JWT is exchanged, each of them once`,
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
      name: `lasting trouble is called by its name, and not asked for ever: ${nameOfFault(fault)} is ${code}`,
      async run(setup) {
        setup.faults(() => fault);
        await expectError(setup.token(), code, setup);
        expect(setup.calls.length).toBeLessThanOrEqual(3);
      },
    }),
  ),
  {
    name: 'an answer without a token, without an end, or of another shape is a bad reply',
    async run(setup) {
      const wrong: ProviderFault[] = [
        rewritten(({ access_token: _, ...body }) => body),
        rewritten(({ expires_in: _, ...body }) => body),
        rewritten(body => ({ ...body, expires_in: 0 })),
        rewritten(body => ({ ...body, access_token: 'with\nlines' })),
        rewritten(() => '<html>Please log in</html>'),
        rewritten(() => []),
      ];
      for (const fault of wrong) {
        setup.faults(() => fault);
        await expectError(setup.token(), 'bad-reply', setup);
      }
    },
  },
  {
    name: 'a token that would outlive what is waited out is not used',
    async run(setup) {
      const { tokenSecondsAtMost } = setup.connector;
      setup.faults(() => rewritten(body => ({ ...body, expires_in: tokenSecondsAtMost + 120 })));
      const { message } = await expectError(setup.token(), 'refused', setup);
      expect(message).toContain(`at most ${tokenSecondsAtMost} s`);
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
        await expectError(setup.token(), status === 500 ? 'provider-down' : 'refused', setup);
      }
    },
  },
];
