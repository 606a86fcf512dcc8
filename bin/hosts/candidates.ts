// Where a key can begin and end within a text: `Bearer <key>`, `--api-key=<key>`, `https://api.example.com/?key=<key>`.

/** `${env:X}`, `${input:x}`, `${{ secrets.X }}`, `$X`, `%X%`; a default after `:-` is a value, and stays. */
const references =
  /\$\{\{[^{}]*\}\}|\$\{(?:env:|input:|command:|config:)?[\w.:-]*?(?::-([^{}]*))?\}|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%/g;

/** The text without what stands for a value that is kept elsewhere. */
export function withoutReferences(text: string): string {
  return text.replace(references, (_, fallback?: string) => (fallback === undefined ? ' ' : ` ${fallback} `));
}

const shortest = 8;
const longest = 16_384;
const wordsAtMost = 20_000;
/** Within a word, keys can contain any of these, too: every stretch between two of them is tried. */
const boundary = /:-|[=:&?/@#$]/;
const boundariesAtMost = 12;

/** Everything in the text that may be a key, and what it is once decoded. */
export function candidatesIn(text: string): Set<string> {
  const found = new Set<string>();
  const add = (candidate: string) => {
    if (candidate.length >= shortest && candidate.length <= longest) found.add(candidate);
  };
  for (const form of formsOf(text)) {
    add(form);
    add(form.trim());
    for (const word of form.split(/[\s"'`,;<>(){}[\]|\\]+/).slice(0, wordsAtMost)) {
      if (word.length < shortest || word.length > longest) continue;
      for (const decoded of decodings(word)) for (const stretch of stretches(decoded)) add(stretch);
    }
  }
  return found;
}

/** A private key is often one line with `\n` written out. */
function formsOf(text: string): string[] {
  return text.includes('\\n') ? [text, text.replaceAll('\\r', '').replaceAll('\\n', '\n')] : [text];
}

function decodings(word: string): string[] {
  const forms = [word];
  if (word.includes('%')) forms.push(percentDecoded(word));
  const last = word.slice(word.lastIndexOf('=', word.length - 3) + 1);
  for (const each of new Set([word, last])) {
    if (!/^[\w+/-]{12,}={0,2}$/.test(each)) continue;
    const decoded = Buffer.from(each, 'base64').toString('latin1');
    // Only what people write: anything is base64 of something.
    if (/^[\x20-\x7e\r\n]+$/.test(decoded)) forms.push(decoded);
  }
  return forms;
}

function percentDecoded(word: string): string {
  return word.replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function stretches(word: string): string[] {
  const parts = word.split(new RegExp(`(${boundary.source})`));
  const found = [word, word.replace(/^-+/, '')];
  for (let from = 0; from < parts.length; from += 2) {
    const end = Math.min(parts.length, from + 2 * boundariesAtMost);
    for (let to = from + 1; to <= end; to += 2) found.push(parts.slice(from, to).join(''));
  }
  return found;
}
