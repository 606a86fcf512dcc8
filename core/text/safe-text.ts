// What makes text that others wrote harmless where it is shown: no control characters, escape sequences of terminals, marks
// that turn the direction of writing, line breaks where there is one line, markup, mentions or links.

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
/** Line breaks and tabs are left. */
const invisibleInLines = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\u2028\u2029]/gu;
const lineMaxLength = 300;

/** For names, ids and scopes, at the place where they come in: nothing is taken out, so that no name becomes another one. */
export function plainText(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replace(invisible, '\ufffd');
}

/** For a terminal, which may be told to move, erase and rename by what it shows. */
export function terminalText(text: string): string {
  return text.replace(invisibleInLines, '\ufffd');
}

/** JSON with nothing in it that a terminal obeys. */
export function terminalJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replace(invisibleInLines, found =>
    found.split('').map(escaped).join(''),
  );
}

/** Control characters and line breaks could fake further lines. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').trim();
  return line.length > lineMaxLength ? `${line.slice(0, lineMaxLength - 3)}...` : line;
}

/** For e-mail, whose programs make links of addresses. */
export function mailText(text: string): string {
  return oneLine(text)
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, 'www[.]');
}

/** A command is shown as it is, since people paste it: nothing is put into it, and nothing in it can end its place. */
export function commandText(command: string): string {
  return command.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').replaceAll('`', "'");
}

/** Lines of at most `width` letters; a word that is longer stands by itself. @param hanging before all lines but the first */
export function wrapped(text: string, width: number, hanging = ''): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${hanging}${word}`);
  }
  return lines.join('\n');
}

/** Every character that begins markup, a link, HTML or a mention. */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/^[-+]|[\\`*_{}[\]()<>#!|~@&]/g, '\\$&')
    .replace(/:\/\//g, ':\\//')
    .replace(/\bwww(?=\.)/gi, '$&\\');
}

/** For `mrkdwn` with `verbatim`, which keeps Slack from making links and mentions of its own. */
export function slackText(text: string): string {
  const safe = oneLine(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  // Slack's own markup has no escape; a zero-width space after the character keeps it from being read as such.
  return safe.replace(/[*_~`]|:(?=\/\/)/g, '$&\u200b');
}

/** For code in Slack, where only these three mean anything. */
export function slackCode(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
