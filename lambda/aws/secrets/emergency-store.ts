// core/incident/emergency-store.ts on Secrets Manager. Its writes are paced: a thousand keys at once would spend their time being refused.
import type { EmergencyStore } from '../../../core/incident/emergency-store';
import { stagedLabel } from '../../../core/rotation/secret-store';
import { createPace } from '../limits/pace';
import { systemClock } from '../runtime/clock';
import { getVersion, putVersion, secretStore } from './secret-store';

/** AWS takes 50 writes a second in an account, and rotations need some, too. */
const writesPerSecond = 45;
const pace = createPace(() => writesPerSecond, systemClock);

export const emergencyStore: EmergencyStore = {
  ...secretStore,
  async moveLabel(state, label, move) {
    await pace.turn();
    await secretStore.moveLabel(state, label, move);
  },
  readVersion: (state, versionId) => getVersion(state, { VersionId: versionId }),
  async putCurrent(state, versionId, value) {
    await pace.turn();
    return putVersion(state, versionId, value);
  },
  async putStaged(state, versionId, value) {
    await pace.turn();
    return putVersion(state, versionId, value, [stagedLabel]);
  },
};
