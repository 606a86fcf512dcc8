// What a running sandbox can be asked to do, and what it answers. Neither ever holds a secret.
import * as z from 'zod/mini';

/** What can be wrong with a provider. */
export const faults = {
  down: 'answers every request with 503',
  unreachable: 'drops every connection without an answer',
  slow: 'answers after 20 seconds',
  'rate-limited': 'answers every request with 429',
} as const;
export type FaultName = keyof typeof faults;

/** Alarms of a key that a sandbox can cause. */
export const causableSignals = ['auth-failures', 'volume-ceiling', 'off-hours', 'failed-reads'] as const;
export type CausableSignal = (typeof causableSignals)[number];

const speedMost = 3600;
export const speedSchema = z.number().check(z.minimum(0.1), z.maximum(speedMost));
const key = z.string();
const ms = z.number().check(z.positive(), z.maximum(366 * 24 * 3_600_000));

export const sandboxRequest = z.discriminatedUnion('act', [
  z.object({ act: z.literal('info') }),
  z.object({ act: z.literal('steal'), key }),
  z.object({
    act: z.literal('break'),
    provider: z.string(),
    how: z.enum(Object.keys(faults) as [FaultName, ...FaultName[]]),
    forMs: z.optional(ms),
  }),
  /** The provider refuses a key that it has not revoked. */
  z.object({ act: z.literal('reject'), key }),
  z.object({ act: z.literal('mend') }),
  z.object({ act: z.literal('alarm'), key, signal: z.enum(causableSignals) }),
  z.object({ act: z.literal('lose-rotation'), key }),
  z.object({ act: z.literal('mail'), last: z.number().check(z.positive()) }),
  z.object({ act: z.literal('advance'), ms }),
  z.object({ act: z.literal('speed'), speed: speedSchema }),
  z.object({ act: z.literal('reset') }),
  z.object({ act: z.literal('stop') }),
]);
export type SandboxRequest = z.infer<typeof sandboxRequest>;
export type RequestFor<Act extends SandboxRequest['act']> = Extract<SandboxRequest, { act: Act }>;

export interface SandboxAnswer {
  /** For people. */
  text: string;
  /** The same for scripts. */
  facts: Record<string, unknown>;
}
