// core/ending/certificate.ts for functions that seldom need it.
import type { Certificates } from '../../../core/ending/certificate';
import type { Clock } from '../../../core/provider';

export function createLazyCertificates(environment: string, clock: Clock): Certificates {
  let opened: Promise<Certificates> | undefined;
  return {
    async add(...asked) {
      opened ??= import('./certificates-client').then(client => client.openCertificates(environment, clock));
      await (await opened).add(...asked);
    },
  };
}
