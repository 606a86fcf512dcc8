// Lines that are longer than the terminal is wide go on in the next one, between words.

/** A word, or a command in backticks: with a break in it, it could not be copied. */
const unbroken = /(?:`[^`]*`|[^ `])+|`/g;

/** The lines of one paragraph; what may not be broken and is longer than `width` has a line of its own. */
export function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(unbroken)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

/** A line that is a command: the terminal itself continues it. */
const command = /^ *npx \S/;

/** Every line of a text but commands; what goes on stands under where the line's own text began. */
export function fold(text: string, width: number): string {
  return text
    .split('\n')
    .map(line => (line.length > width && !command.test(line) ? foldLine(line, width) : line))
    .join('\n');
}

/** `  rotates    weekly, ...` goes on under `weekly`; a sentence two blanks further in than it began. */
function foldLine(line: string, width: number): string {
  const [blanks = ''] = /^ */.exec(line) ?? [];
  const [label = ''] = /^ *\S+(?: \S+)* {2,}(?=\S)/.exec(line) ?? [];
  const isFact = label.length > 0 && label.length <= width / 2;
  const begin = isFact ? label : blanks;
  const indent = isFact ? label.length : Math.min(blanks.length + 2, Math.floor(width / 2));
  const [first = '', ...rest] = folded(line.slice(begin.length), width - indent);
  return [`${begin}${first}`, ...rest.map(text => `${' '.repeat(indent)}${text}`)].join('\n');
}
