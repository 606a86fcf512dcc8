// A person who makes a key in a provider's console, where no API does.
import type { SecretValue } from '../../core/key/secret-value';
import type { Dialect } from './dialect';
import type { FakeAccount, Settings } from './fake-account';

export interface ConsoleKey {
  provider: string;
  place(settings: Settings): string;
  /** As the console shows it, once. */
  secret(account: FakeAccount): string;
  /** How the provider calls it. @default - nobody ever sees an id */
  id?(account: FakeAccount): string;
  /** What else belongs to the key. */
  fields?(settings: Settings): Record<string, string>;
  lifeDays?: number;
}

const dayMs = 86_400_000;

export function madeInConsole(key: ConsoleKey): NonNullable<Dialect['root']> {
  return (settings, account): SecretValue => {
    const now = account.now();
    const secret = key.secret(account);
    const keyId = key.id?.(account) ?? account.fresh(16);
    const expiresAt = key.lifeDays ? new Date(now.getTime() + key.lifeDays * dayMs) : undefined;
    const place = key.place(settings);
    account.add({ id: keyId, place, secret, name: 'made in the console', details: { expiresAt } });
    return { ...key.fields?.(settings), secret, keyId, provider: key.provider, issuedAt: now.toISOString() };
  };
}

/** When it ends by itself, as its maker chose. */
export function endOf({ details }: { details: Record<string, unknown> }): Date | undefined {
  return details.expiresAt as Date | undefined;
}
