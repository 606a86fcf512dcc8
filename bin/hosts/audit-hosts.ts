// The part of an audit that looks at this machine: which secrets of Keyturn lie in plain text in the files of MCP hosts.
import type { PartAnswer, Print } from '../../core/audit/finding';
import { findLaptopCopies } from '../../core/audit/laptop';
import { printOf } from '../../core/audit/same-key';
import { candidatesIn } from './candidates';
import type { Machine } from './host-files';
import type { HostText } from './host-texts';
import { type HostsSeen, readHosts } from './read-hosts';

/**
 * Sends nothing anywhere: what the files hold is compared here.
 * @param prints of all parts that were asked before, made with this salt
 */
export async function auditHosts(
  machine: Machine,
  prints: readonly Print[],
  salt: string,
): Promise<PartAnswer> {
  const seen = await readHosts(machine);
  const matches = matchingTexts(seen, new Set(prints.map(({ print }) => print)), salt);
  const places = matches.map(({ text: { host, file, server, place, variable }, print }) => ({
    host,
    file,
    place,
    print,
    ...(server !== undefined && { server }),
    ...(variable !== undefined && { variable }),
  }));
  const problems = seen.files.filter(({ problem }) => problem !== undefined);
  return {
    findings: findLaptopCopies(places, prints),
    notCovered: [
      ...problems.map(({ file, problem = '' }) => ({ what: file, why: problem })),
      { what: 'other machines', why: 'only the MCP hosts of the machine that runs this are looked at' },
      {
        what: 'where hosts keep secrets apart',
        why: 'keychains, files that envFile names and .env files are not read',
      },
    ],
    looked: {
      'files of MCP hosts': seen.files.filter(({ state }) => state === 'read' || state === 'malformed')
        .length,
    },
    prints: [],
  };
}

export interface Match {
  text: HostText;
  print: string;
}

/** Which texts hold one of the secrets. @param salt with which the prints were made */
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
