// Tables that fit the terminal: no word is broken, and nothing is cut off.
import { plainText } from '../../core/text/safe-text';
import { folded } from './folding';

const gap = '  ';
/** Narrower prose is hard to read: it gets lines of its own. */
const narrowestProse = 24;

/**
 * Columns as wide as their widest cell, two blanks apart. Whoever wrote a cell, it is within its row. Where a row is wider than
 * `width`, its last cell, which holds prose, goes on below itself; then the first cell stands above the others; then each cell
 * has a line.
 */
export function table(head: string[], rows: string[][], width: number): string {
  const lines = [head, ...rows].map(line => line.map(cell => plainText(cell, Number.POSITIVE_INFINITY)));
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  if (total(widths) <= width) return lines.map(line => `${inColumns(line, widths)}\n`).join('');
  const fixed = widths.slice(0, -1);
  if (width - total(fixed) - gap.length >= narrowestProse)
    return lines.map(line => besideProse(line, fixed, width)).join('');
  const [, ...middle] = fixed;
  if (total(middle) + gap.length <= width) return lines.map(line => stacked(line, middle, width)).join('');
  return lines
    .slice(1)
    .map(line => listed(lines[0] ?? [], line, width))
    .join('');
}

/** `3 keys`, `1 key`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function total(widths: number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, widths.length - 1);
}

function inColumns(line: string[], widths: number[]): string {
  return line
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(gap)
    .trimEnd();
}

function besideProse(line: string[], fixed: number[], width: number): string {
  const from = total(fixed) + gap.length;
  const [first = '', ...more] = folded(line.at(-1) ?? '', width - from);
  const indent = ' '.repeat(from);
  const begin = inColumns(line.slice(0, -1), fixed).padEnd(from);
  return [`${begin}${first}`.trimEnd(), ...more.map(text => `${indent}${text}`), ''].join('\n');
}

function stacked([first = '', ...rest]: string[], middle: number[], width: number): string {
  const prose = rest.at(-1) ?? '';
  const row = `${gap}${inColumns(rest.slice(0, -1), middle)}`;
  const from = total(middle) + 2 * gap.length;
  if (from + prose.length <= width) return `${first}\n${`${row.padEnd(from)}${prose}`.trimEnd()}\n`;
  const below = folded(prose, width - 2 * gap.length).map(text => `${gap}${gap}${text}`);
  return [first, row, ...below, ''].join('\n');
}

function listed(head: string[], [first = '', ...rest]: string[], width: number): string {
  const names = head.slice(1);
  const widest = Math.max(...names.map(name => name.length));
  const indent = `\n${' '.repeat(gap.length + widest + gap.length)}`;
  const cells = rest.flatMap((cell, at) => {
    const value = folded(cell, Math.max(1, width - indent.length + 1)).join(indent);
    return cell ? `${gap}${(names[at] ?? '').padEnd(widest)}${gap}${value}\n` : [];
  });
  return `${first}\n${cells.join('')}`;
}
