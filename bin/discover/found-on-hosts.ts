// The keys that hosts' configurations hold, each once, with all the places where it stands.
import { createHmac, randomBytes } from 'node:crypto';
import { createRedaction } from '../../core/text/redaction';
import type { HostText } from '../hosts/host-texts';
import type { HostsSeen } from '../hosts/read-hosts';
import type { FoundKey } from './proposal';
import { recognise } from './recognise';

export interface HostKeys {
  keys: FoundKey[];
  /** Where secrets stand of services that no connector is for. */
  unknown: string[];
}

/** @param isKnown true of a key that Keyturn holds: that is no news, and `keyturn audit --hosts` tells of it */
export function foundOnHosts({ texts, lines }: HostsSeen, isKnown: (secret: string) => boolean): HostKeys {
  // Equal keys have to be told as equal, here alone.
  const salt = randomBytes(32);
  const printOf = (secret: string) => createHmac('sha256', salt).update(secret).digest('hex');
  const recognised = [...texts, ...lines].flatMap(text => {
    const found = recognise(text);
    return found === 'no secret' || isKnown(found.secret()) ? [] : [{ text, found }];
  });
  // Names are strangers' text, too, and a URL can be a name.
  const { redact } = createRedaction(recognised.map(({ found }) => found.secret()));
  const keys = new Map<string, FoundKey & { print: string }>();
  const unknown = new Set<string>();
  const placed = new Set<string>();
  for (const { text, found } of recognised) {
    const place = redact(placeOf(text));
    if (found.provider === undefined) {
      unknown.add(place);
      continue;
    }
    const { provider, keyId } = found;
    const print = printOf(found.secret());
    // A line says again what stands in a server's part.
    const isLine = text.server === undefined && text.variable === undefined;
    if (isLine && placed.has(`${text.file}\n${print}`)) continue;
    placed.add(`${text.file}\n${print}`);
    const calledAfter = redact(text.server ?? provider);
    const id = JSON.stringify([calledAfter, provider, print]);
    const known = keys.get(id);
    const { variable } = text;
    if (known) known.places.push(place);
    else
      keys.set(id, {
        provider,
        calledAfter,
        ...(variable !== undefined && { variable }),
        ...(keyId !== undefined && { keyId }),
        places: [place],
        print,
      });
  }
  const found = [...keys.values()];
  return {
    keys: found.map(({ print, ...key }) => ({ ...key, ...sharing(key, print, found) })),
    unknown: [...unknown],
  };
}

/** Keyturn gives each server a key of its own. */
function sharing(
  key: FoundKey,
  print: string,
  all: (FoundKey & { print: string })[],
): Pick<FoundKey, 'sharedWith'> {
  const others = all.filter(other => other.print === print && other.calledAfter !== key.calledAfter);
  return others.length ? { sharedWith: others.map(({ calledAfter }) => calledAfter) } : {};
}

/** `env SENDGRID_API_KEY of the server mail in ~/.cursor/mcp.json (Cursor)` */
function placeOf({ host, file, server, place }: HostText): string {
  return `${place}${server === undefined ? '' : ` of the server ${server}`} in ${file} (${host})`;
}
