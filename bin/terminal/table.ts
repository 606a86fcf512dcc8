import { plainText } from '../../core/text/safe-text';

/** Columns as wide as their widest cell, two blanks apart. Whoever wrote a cell, it is within one line. */
export function table(head: string[], rows: string[][]): string {
  const lines = [head, ...rows].map(line => line.map(cell => plainText(cell, Number.POSITIVE_INFINITY)));
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const padded = (line: string[]) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return lines.map(line => `${padded(line).trimEnd()}\n`).join('');
}

/** `3 keys`, `1 key`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
