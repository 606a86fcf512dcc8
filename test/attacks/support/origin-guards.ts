// What keeps functions from believing secrets that no deployment made, to be taken out.
import type { Guard } from '../guards';

/** A registry that has every key, whoever made its secret. */
export const believesEverySecret: Guard = {
  module: 'lambda/aws/registry/registry.ts',
  exports: {
    openRegistry: `(() => ({
      isRegistered: () => true,
      isOwn: () => true,
      specOf: () => ({ team: 'x', tier: 'low', scopes: ['mail.send'], settings: {}, overlapHours: 0, maxGapDays: 31 }),
    }))`,
  },
};
