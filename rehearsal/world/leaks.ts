// Looks for secrets where none may be. What is searched is handed in whole, by the name of the place.

/** Every fake provider marks its secrets with it. */
const marker = 'FAKESECRET';
/** A part this long is no coincidence. */
const partLength = 16;

/** @returns a line for each place and secret, without the secret */
export function findLeaks(places: Record<string, string>, secrets: string[]): string[] {
  const parts = secrets.filter(secret => secret.length >= partLength).flatMap(partsOf);
  const needles = [...new Set(parts.filter(isTelling)), marker];
  // One pass for all of them: the logs of a quarter are long.
  const any = new RegExp(needles.map(needle => needle.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|'), 'g');
  return Object.entries(places).flatMap(([place, text]) =>
    [...new Set(text.match(any))].map(found => `${place} holds ${found.length} characters of a secret`),
  );
}

/** Its middle and its end: a secret cut short is still one. A recognisable beginning such as `SG.<id>` is none. */
function partsOf(secret: string): string[] {
  const middle = Math.floor((secret.length - partLength) / 2);
  return [secret.slice(middle, middle + partLength), secret.slice(-partLength)];
}

/** Padding, such as a row of zeros, is found everywhere. */
function isTelling(part: string): boolean {
  return new Set(part).size >= partLength / 2;
}
