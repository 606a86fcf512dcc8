/** @returns `undefined` where it is not JSON: the error would quote the text, which may be a secret. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
