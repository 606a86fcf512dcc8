// Text in the pages of rehearsals and sandboxes.

/** `2027-01-01 09:30` */
export function time(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/** `1 key`, `1,000 keys` */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
