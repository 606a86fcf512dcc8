// Looks for secrets where none may be. What is searched is handed in whole, by the name of the place.

/** Every fake provider marks its secrets with it. */
const marker = 'FAKESECRET';
/** A part this long is no coincidence. */
const partLength = 16;

/** @returns a line for each place and secret, without the secret */
export function findLeaks(places: Record<string, string>, secrets: string[]): string[] {
  const needles = [
    ...new Set(secrets.filter(secret => secret.length >= partLength).flatMap(partsOf)),
    marker,
  ];
  return Object.entries(places).flatMap(([place, text]) =>
    needles
      .filter(needle => text.includes(needle))
      .map(needle => `${place} holds ${needle.length} characters of a secret`),
  );
}

/** Its beginning, its end and its middle: a secret cut short is still one. */
function partsOf(secret: string): string[] {
  const middle = Math.floor((secret.length - partLength) / 2);
  // A recognisable beginning such as `SG.<id>` is no secret; the end and the middle are.
  return [secret.slice(middle, middle + partLength), secret.slice(-partLength)];
}
