import type { Settings } from '../../../../rehearsal/providers/fake-account';
import type { AnyMint, MintCheck } from './mint-setup';
import { refreshChecks } from './refresh-checks';
import { rootChecks } from './root-checks';
import { tokenChecks } from './token-checks';

/** What Keyturn's own connectors know a way for where their settings name it: those of a sample, in so far as they decide. */
const everyWay: Settings = {
  registrationUrl: 'https://login.example.com/register',
  revocationUrl: 'https://login.example.com/revoke',
};

/** The promises that this connector has to keep. @param sample of a dialect */
export function checksFor(connector: AnyMint, sample = everyWay): MintCheck[] {
  const checks = [...tokenChecks, ...rootChecks, ...refreshChecks];
  return checks.filter(({ where }) => where?.(connector, sample) ?? true);
}
