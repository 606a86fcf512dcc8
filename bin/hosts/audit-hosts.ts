// The part of an audit that looks at this machine: which secrets of Keyturn lie in plain text in the files of MCP hosts.
import type { PartAnswer, Print } from '../../core/audit/finding';
import { findLaptopCopies } from '../../core/audit/laptop';
import type { Machine } from './host-files';
import { matchingTexts } from './matching-texts';
import { readHosts } from './read-hosts';

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
