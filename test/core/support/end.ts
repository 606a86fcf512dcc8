// A key that ends for good, by the order of a person.
import { respond } from '../../../core/incident/response';
import { setUpResponse } from './response-setup';
import type { Kind } from './world';

export const end = { by: 'person', requestedBy: 'a', reason: '', response: 'end', graceSeconds: 0 } as const;
/** Of a rotation. */
export const token = 'version-of-a-rotation-000000000000003';

export function setUpEnd(kind: Kind) {
  const { world, tools, trigger, records } = setUpResponse({ kind });
  return {
    world,
    tools,
    async order(runId = 'run-1', incidentId?: string) {
      const responded = await respond(
        { ...tools, runId },
        trigger({ cause: end, ...(incidentId && { incidentId }) }),
      );
      // As the reporter does once people have been told.
      if (responded.as === 'ended') await records.save(responded.incident);
      return responded;
    },
    rotationTools: {
      store: world.secrets,
      provider: async () => world.provider(),
      installs: async () => kind === 'install' || kind === 'roll',
      publishRotated: async () => {},
      attempts: world.attempts,
      certificates: world.certificates,
      clock: world.clock,
    },
  };
}

/** Keys that were stored or made and that the provider accepts; of a roll, one that nobody holds may stay. */
export function heldKeys({ world }: ReturnType<typeof setUpEnd>): string[] {
  const values = [...world.versions.values()].flatMap(({ value }) =>
    typeof value === 'object' ? [value.keyId] : [],
  );
  return world.live.filter(key => world.kind !== 'roll' || values.includes(key));
}
