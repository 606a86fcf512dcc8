// What is wrong with a key as people paste it. The answer never quotes the key.

const rules: [(text: string) => boolean, string][] = [
  [text => text.trim() === '', 'is empty'],
  [text => text !== text.trim(), 'begins or ends with a space or line break'],
  [text => /^(["'`]).*\1$/s.test(text), 'is in quotes'],
  // A private key is the one kind of key that has lines.
  [text => /[\r\n]/.test(text) && !/^-----BEGIN [A-Z ]+-----/.test(text), 'has more than one line'],
  [text => /^[{[]/.test(text), 'is JSON'],
  [text => /^(bearer|basic|token) /i.test(text), 'begins with the word of an Authorization header'],
  [text => /(\.{3}|…)$/.test(text), 'is cut off: it ends in dots'],
  // Typographic quotes and characters without width come with text copied from chats and web pages.
  [text => /[^\x20-\x7e\r\n\t]/.test(text), 'has characters in it that keys do not have'],
  [text => /^(export )?[A-Z][A-Z0-9_]*=/.test(text), 'begins with the name of a variable'],
  [
    text => /^(<.*>|\$\{?\w+\}?|(your|my)[-_ ].*|x{3,}|changeme|placeholder|todo)$/i.test(text),
    'is a placeholder',
  ],
];

/** `is in quotes`; `undefined` where nothing is wrong. */
export function malformation(key: string): string | undefined {
  return rules.find(([isWrong]) => isWrong(key))?.[1];
}
