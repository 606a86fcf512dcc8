// Text in the pages that Keyturn writes. All of it may come from others: providers, readers' programs, whoever ordered something.
import { terminalText } from '../../core/text/safe-text';

/** `2027-01-01 09:30` */
export function time(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

/** `2027-01-01` */
export function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** For an element or a quoted attribute; what is invisible, or would turn the direction of writing, is shown as a replacement. */
export function escapeHtml(text: string): string {
  return terminalText(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/** `1 key`, `1,000 keys` */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
