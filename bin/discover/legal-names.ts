// Names of servers made of what strangers call theirs: legal, as near as can be, and not taken.
import { namePart, namePartMaxLength } from '../../core/key/key-address';

/** No other characters than these get into the configuration. */
export function legalName(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .join('-');
  const begun = /^[a-z]/.test(words) ? words : words && `server-${words}`;
  const cut = begun.slice(0, namePartMaxLength).replace(/-$/, '');
  return namePart.test(cut) ? cut : 'server';
}

/** @param isFree false for a name that is taken, or reserved */
export function freeName(text: string, isFree: (name: string) => boolean): string {
  const name = legalName(text);
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : `-${number}`;
    const candidate = `${name.slice(0, namePartMaxLength - end.length).replace(/-$/, '')}${end}`;
    if (isFree(candidate)) return candidate;
  }
}
