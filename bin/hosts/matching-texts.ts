// Which texts hold one of the secrets that are known only by their prints.
import { printOf } from '../../core/audit/same-key';
import { candidatesIn } from './candidates';
import type { HostText } from './host-texts';
import type { HostsSeen } from './read-hosts';

export interface Match {
  text: HostText;
  print: string;
}

/** @param salt with which the prints were made */
export function matchingTexts(
  { texts, lines }: Pick<HostsSeen, 'texts' | 'lines'>,
  prints: ReadonlySet<string>,
  salt: string,
): Match[] {
  /** Most words stand in a file many times; only of the others is a print made. */
  const known = new Map<string, string | undefined>();
  const printOfCandidate = (candidate: string) => {
    if (!known.has(candidate)) {
      const print = printOf(candidate, salt);
      known.set(candidate, prints.has(print) ? print : undefined);
    }
    return known.get(candidate);
  };
  const matchesIn = (text: HostText, isLikely: (candidate: string) => boolean): Match[] => {
    const found = [...candidatesIn(text.text())].filter(isLikely).map(printOfCandidate);
    return [...new Set(found)].flatMap(print => (print === undefined ? [] : [{ text, print }]));
  };
  const placed = texts.flatMap(text => matchesIn(text, () => true));
  const isPlaced = (match: Match) =>
    placed.some(({ text, print }) => print === match.print && text.file === match.text.file);
  return [...placed, ...lines.flatMap(line => matchesIn(line, isNoWord)).filter(match => !isPlaced(match))];
}

/** Outside the parts about servers there is prose, and paths. */
function isNoWord(candidate: string): boolean {
  return candidate.length >= 16 && /\d/.test(candidate) && /[A-Za-z]/.test(candidate);
}
