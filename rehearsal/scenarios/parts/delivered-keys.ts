// What scenarios about deliveries ask again and again.
import type { SecretValue } from '../../../core/key/secret-value';
import type { Key } from '../../../lib/config/config';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { mailOf } from './incidents';

export function accepts(
  { world }: RehearsalContext,
  { address }: Key,
  value: SecretValue | undefined,
): boolean {
  const account = world.providers.account(address.provider);
  const known = value && account.ownerOf(value.secret);
  return known !== undefined && account.accepts(known);
}

export function pass({ world: { clock } }: RehearsalContext, ms: number): Promise<void> {
  return clock.runUntil(new Date(clock.now().getTime() + ms));
}

/** True where people got a message with these words about a key since then. */
export function isTold(context: RehearsalContext, key: string, words: string, since: Date): boolean {
  return mailOf(context).some(
    ({ at, text }) => at > since && text.includes(key) && text.replace(/\s+/g, ' ').includes(words),
  );
}
