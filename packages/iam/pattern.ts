// Patterns of policies: `*` is any text, `?` one character, `${key}` what the request says of itself.

/** Condition keys, in lower case, since IAM does not tell cases apart. Keys that the request does not have are absent. */
export type Context = Record<string, string | string[] | undefined>;

export function lowerKeys(context: Context): Context {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
}

/** What a variable stands for is taken literally: a `*` in it is a star. */
export function matchesPattern(pattern: string, text: string, context: Context = {}): boolean {
  if (!pattern.includes('${')) return compiledOf(pattern).test(text);
  let isKnown = true;
  const source = pattern.split(/(\$\{[^}]*\})/).map(part => {
    if (!part.startsWith('${')) return expressionOf(part);
    const value = variable(part, context);
    isKnown &&= value !== undefined;
    return escaped(value ?? '');
  });
  return isKnown && new RegExp(`^${source.join('')}$`, 's').test(text);
}

/** Policies say the same few patterns again and again. */
const compiled = new Map<string, RegExp>();

function compiledOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = new RegExp(`^${expressionOf(pattern)}$`, 's');
  compiled.set(pattern, made);
  return made;
}

function expressionOf(pattern: string): string {
  return escaped(pattern).replace(/\\\*/g, '.*').replace(/\\\?/g, '.');
}

/** Each of the six parts of an ARN for itself: a `*` does not reach over a colon. */
export function matchesArn(pattern: string, arn: string, context: Context = {}): boolean {
  if (pattern === '*') return true;
  const wanted = arnParts(pattern);
  const given = arnParts(arn);
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => {
      const other = given[index];
      return other !== undefined && matchesPattern(part, other, context);
    })
  );
}

/** The text with its variables filled in; `undefined` where the request does not have one of them. */
export function filledIn(text: string, context: Context): string | undefined {
  let isKnown = true;
  const filled = text.replace(/\$\{[^}]*\}/g, part => {
    const value = variable(part, context);
    isKnown &&= value !== undefined;
    return value ?? '';
  });
  return isKnown ? filled : undefined;
}

/** @param written `${aws:PrincipalTag/team}`, `${aws:PrincipalTag/team, 'nobody'}`, or `${*}` for a star */
function variable(written: string, context: Context): string | undefined {
  const [, key = '', fallback] = /^\$\{([^,]*?)(?:,\s*'([^']*)')?\}$/.exec(written) ?? [];
  if (['*', '?', '$'].includes(key)) return key;
  const value = context[key.toLowerCase()];
  // A key with several values is no variable.
  return typeof value === 'string' ? value : fallback;
}

function arnParts(arn: string): string[] {
  // A colon inside a variable's name parts nothing.
  const parts = arn.split(/:(?![^${}]*\})/);
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
