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
  for (const [i, letter] of [...from].entries()) {
    const above = row;
    row = [i + 1];
    for (const [j, other] of [...to].entries()) {
      row.push(Math.min(above[j]! + (letter === other ? 0 : 1), above[j + 1]! + 1, row[j]! + 1));
    }
  }
  return row.at(-1)!;
}
