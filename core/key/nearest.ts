/** The candidate that a misspelt word most likely means; `undefined` where none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map(candidate => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, best.candidate.length * 0.4) ? best.candidate : undefined;
}

/** Levenshtein: insertions, deletions and replacements that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const letter of from) {
    let left = Number.POSITIVE_INFINITY;
    let corner = Number.POSITIVE_INFINITY;
    row = row.map((above, at) => {
      const distance = Math.min(above + 1, left + 1, corner + (letter === to[at - 1] ? 0 : 1));
      [left, corner] = [distance, above];
      return distance;
    });
  }
  return row.at(-1) ?? 0;
}
