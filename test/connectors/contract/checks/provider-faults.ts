// The trouble that every kind of connector meets at its provider.
import type { ErrorCode } from '../../../../core/errors';
import type { ProviderFault } from '../../../../rehearsal/providers/fake-provider';

/** Over when it has struck once. */
export const passingFaults: ProviderFault[] = [
  { kind: '429', retryAfterSeconds: 3 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'status', status: 503, headers: { 'retry-after': '2' } },
  { kind: 'drop-before' },
  { kind: 'drop-after' },
  { kind: 'hang' },
];

/** What lasting trouble must be called, whoever asks. */
export const lastingFaults: [ProviderFault, ErrorCode][] = [
  [{ kind: 'status', status: 403 }, 'refused'],
  [{ kind: 'status', status: 500 }, 'provider-down'],
  [{ kind: 'status', status: 302, headers: { location: 'https://evil.example.com/' } }, 'bad-reply'],
  [{ kind: '429' }, 'rate-limited'],
  [{ kind: 'drop-before' }, 'no-answer'],
  [{ kind: 'hang' }, 'no-answer'],
];

export const nameOfFault = (fault: ProviderFault) =>
  fault.kind === 'status' ? String(fault.status) : fault.kind;
