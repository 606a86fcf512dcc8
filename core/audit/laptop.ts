// Keys and issuer credentials that lie in plain text in the configuration of an MCP host on somebody's machine.
import { type AuditFinding, finding, type Holder, type Print } from './finding';

/** A place in a host's file that holds a secret with this print. */
export interface LaptopPlace {
  host: string;
  /** `~/.cursor/mcp.json` */
  file: string;
  /** As the file names it; absent where it stands in no server's part. */
  server?: string;
  /** `env SENDGRID_API_KEY` */
  place: string;
  /** The variable that it sets, where it sets one. */
  variable?: string;
  print: string;
}

/** One finding for each secret and file. @param prints of all that Keyturn's secrets hold, with the salt of the places */
export function findLaptopCopies(places: readonly LaptopPlace[], prints: readonly Print[]): AuditFinding[] {
  const found = new Map<string, { holder: KnownHolder; at: LaptopPlace[] }>();
  for (const place of places) {
    for (const { print, holder } of prints) {
      if (print !== place.print || holder.kind === 'copy') continue;
      const id = `${nameOf(holder)} in ${place.file}`;
      const same = found.get(id) ?? { holder, at: [] };
      same.at.push(place);
      found.set(id, same);
    }
  }
  return [...found].map(([subject, { holder, at }]) => {
    const evidence = [...new Set(at.map(sentence))];
    return finding('laptop-copy', {
      subject,
      keys: holder.kind === 'key' ? [holder.key] : [],
      evidence,
      fix: fixOf(holder, at),
    });
  });
}

type KnownHolder = Exclude<Holder, { kind: 'copy' }>;

function nameOf(holder: KnownHolder): string {
  return holder.kind === 'key'
    ? holder.key
    : `issuer credential of ${holder.provider} in ${holder.environment}`;
}

function sentence({ host, file, server, place }: LaptopPlace): string {
  const where = server === undefined ? '' : ` of the server ${server}`;
  return `It is the ${place}${where} in ${file}, which ${host} reads.`;
}

function fixOf(holder: KnownHolder, at: readonly LaptopPlace[]): string {
  if (holder.kind === 'issuer') {
    return `Remove it from the file, create a new one at the provider, and store it: \`npx keyturn issuer set ${holder.provider} --env ${holder.environment}\`.`;
  }
  const [environment = '', provider = '', server = '', purpose] = holder.key.split('/');
  const key = purpose === undefined ? provider : `${provider}/${purpose}`;
  const variable = at.find(each => each.variable !== undefined)?.variable;
  const start = `npx keyturn run --env ${environment} --server ${server}${variable ? ` --key ${variable}=${key}` : ''} --`;
  return `Remove it from the file, have the host start the server with \`${start}\` before its own command (docs/mcp-servers.md), and replace the key: \`npx keyturn rotate ${holder.key}\`.`;
}
