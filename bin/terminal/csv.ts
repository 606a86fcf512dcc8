import { stringify } from 'csv-stringify/sync';
import { plainText } from '../../core/text/safe-text';

/** For a spreadsheet, which would take a cell that begins with `=`, `+`, `-` or `@` for a formula: such a cell gets a quote before it. */
export function csv(head: string[], rows: string[][]): string {
  const cells = rows.map(row => row.map(cell => plainText(cell, Number.POSITIVE_INFINITY).trim()));
  return stringify([head, ...cells], { escape_formulas: true });
}
