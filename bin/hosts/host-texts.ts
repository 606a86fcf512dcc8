// The texts of a configuration file in which keys can stand, each with the place that a person finds it by.
import { groupedBy } from '../../core/grouped-by';
import { plainText } from '../../core/text/safe-text';
import { withoutLikelySecrets } from '../../lib/config/problems/likely-secrets';
import type { HostFile } from './host-files';
import { type Leaf, parseConfiguration } from './parse';

/** A text that may be, or hold, a key. */
export interface HostText {
  host: string;
  /** As it can be shown. */
  file: string;
  /** As the file names it, without what looks like a key; absent where it stands in no server's part. */
  server?: string;
  /** `env SENDGRID_API_KEY`, `header Authorization`, `argument 3`, `url`, `line 12` */
  place: string;
  /** The variable that it sets. */
  variable?: string;
  /** Other words of the file that tell whose key it may be: names of variables, headers, flags and packages. */
  about: string;
  /** A function, so that nothing that prints an object prints it. */
  text(): string;
}

export interface FileTexts {
  texts: HostText[];
  /** The rest of the file, line by line: comments, old blocks, what people have typed. */
  lines: HostText[];
  malformed?: { line: number; column: number; what: string };
}

/** @param shown the file's path, as it can be shown */
export function textsOf(file: HostFile, shown: string, content: string): FileTexts {
  const { leaves, malformed } = parseConfiguration(file.path, content, file.comments);
  const texts = file.servers.flatMap(pattern => textsUnder(pattern, leaves, file.host, shown));
  const seen = new Set(texts.map(({ text }) => text()));
  const rest = leaves.filter(({ text }) => !seen.has(text));
  const lines = content.split(/\r?\n/).flatMap((text, index) => {
    const left = longWords(text);
    return left
      ? [{ host: file.host, file: shown, place: `line ${index + 1}`, about: '', text: () => left }]
      : [];
  });
  // What stands escaped in a line is plain in its leaf.
  const escaped = rest.flatMap(({ text }) =>
    longWords(text)
      ? [{ host: file.host, file: shown, place: 'a text in it', about: '', text: () => text }]
      : [],
  );
  return { texts, lines: [...lines, ...escaped], ...(malformed && { malformed }) };
}

/** No key is shorter. */
const shortest = 8;

function longWords(text: string): string | undefined {
  return text.split(/[\s"'`,;]+/).some(word => word.length >= shortest) ? text : undefined;
}

function textsUnder(pattern: string[], leaves: Leaf[], host: string, file: string): HostText[] {
  const under = leaves.filter(
    ({ path }) =>
      path.length > pattern.length && pattern.every((name, at) => name === '*' || name === path[at]),
  );
  const last = pattern.at(-1);
  if (last === 'env' || last === 'set' || last === 'inputs') {
    const kind = last === 'inputs' ? 'input' : 'env';
    return under.map(leaf => hostText(leaf, [kind, ...leaf.path.slice(pattern.length)], [], host, file));
  }
  const servers = groupedBy(under, ({ path }) => JSON.stringify(path.slice(0, pattern.length + 1)));
  return [...servers.values()].flatMap(server => {
    const rest = ({ path }: Leaf) => path.slice(pattern.length + 1);
    const member = server[0]?.path[pattern.length] ?? '';
    // Continue lists its servers, each with its name in it.
    const named = server.find(leaf => rest(leaf).join('.') === 'name')?.text;
    const name = typeof member === 'number' ? (named ?? `number ${member + 1}`) : member;
    return server.map(leaf => {
      const text = hostText(leaf, rest(leaf), server, host, file);
      return { ...text, server: shownName(name), about: `${text.about} ${shownName(name)}` };
    });
  });
}

function hostText(leaf: Leaf, rest: Leaf['path'], siblings: Leaf[], host: string, file: string): HostText {
  const { place, variable, about } = placeIn(leaf, rest, siblings);
  const command = siblings.filter(({ path }) => path.includes('args') || path.includes('command'));
  // Packages and programs tell whose server it is: `@modelcontextprotocol/server-gitlab`.
  const programs = command.flatMap(({ text }) =>
    /^[@\w./-]{2,80}$/.test(text) && text !== leaf.text ? [text] : [],
  );
  return {
    host,
    file,
    place,
    ...(variable !== undefined && { variable }),
    about: withoutLikelySecrets([about, ...programs].join(' ')),
    text: () => leaf.text,
  };
}

function placeIn(
  leaf: Leaf,
  rest: Leaf['path'],
  siblings: Leaf[],
): Pick<HostText, 'place' | 'variable' | 'about'> {
  const after = (...names: string[]) => {
    const at = rest.findLastIndex(name => names.includes(String(name)));
    return at < 0 ? undefined : rest[at + 1];
  };
  const variable = after('env', 'environment');
  if (typeof variable === 'string')
    return { place: `env ${shownName(variable)}`, ...namedVariable(variable) };
  const header = after('headers', 'http_headers');
  if (typeof header === 'string') return { place: `header ${shownName(header)}`, about: header };
  const argument = after('args');
  if (typeof argument === 'number') {
    const place = `argument ${argument + 1}`;
    // docker run -e NAME=value, and env NAME=value
    const [, set] = /^([A-Za-z_]\w{0,100})=/.exec(leaf.text) ?? [];
    if (set) return { place: `${place}, ${shownName(set)}`, ...namedVariable(set) };
    const flag = flagOf(leaf.text) ?? flagOf(textAt(siblings, [...leaf.path.slice(0, -1), argument - 1]));
    return { place: flag ? `${place}, ${flag}` : place, about: flag ?? '' };
  }
  const name = rest.map(part => shownName(String(part))).join('.');
  return { place: name || 'the server itself', about: name };
}

/** The name only where it can be one: it becomes part of commands that people paste. */
function namedVariable(name: string): Pick<HostText, 'variable' | 'about'> {
  const isLegal = /^[A-Za-z_]\w{0,79}$/.test(name) && shownName(name) === name;
  return { ...(isLegal && { variable: name }), about: name };
}

function textAt(leaves: Leaf[], path: Leaf['path']): string {
  return (
    leaves.find(leaf => leaf.path.length === path.length && leaf.path.every((part, at) => part === path[at]))
      ?.text ?? ''
  );
}

function flagOf(text: string): string | undefined {
  return /^--?[a-z][a-z-]{0,40}(?==|$)/i.exec(text)?.[0];
}

/** Names come from strangers, and people paste keys into every place. */
export function shownName(name: string): string {
  return withoutLikelySecrets(plainText(name, 80));
}
