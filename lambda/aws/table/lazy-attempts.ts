// core/rotation/attempts.ts for functions that seldom need it.
import type { Clock } from '../../../core/provider';
import type { Attempts } from '../../../core/rotation/attempts';
import type { Events } from '../notify/events';

export function createLazyAttempts(environment: string, clock: Clock, { publishUnproven }: Events): Attempts {
  let opened: Promise<Attempts> | undefined;
  const open = () => {
    opened ??= import('./attempts-client').then(({ openAttempts }) =>
      openAttempts(environment, clock, publishUnproven),
    );
    return opened;
  };
  return {
    begin: async (...asked) => (await open()).begin(...asked),
    find: async (...asked) => (await open()).find(...asked),
    claim: async (...asked) => (await open()).claim(...asked),
    tellUnproven: async (...asked) => (await open()).tellUnproven(...asked),
  };
}
