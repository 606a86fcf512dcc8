// Prints what the dialects go by, as one JSON document. A program of its own, so that the command line carries no dialect.
import type { EvidenceSummary } from '../../bin/commands/providers';
import { type Dialect, evidenceKinds } from './dialect';
import { loadDialects } from './load-dialects';

loadDialects().then(dialects => {
  const found = Object.fromEntries(dialects.map(dialect => [dialect.provider, summaryOf(dialect)]));
  process.stdout.write(JSON.stringify(found));
});

function summaryOf({ evidence }: Dialect): EvidenceSummary {
  const words = evidence.map(line => line.split(' '));
  const used = new Set(words.map(([kind]) => kind));
  return {
    kinds: evidenceKinds.filter(kind => used.has(kind)),
    read:
      words
        .map(([, day = '']) => day)
        .toSorted()
        .at(-1) ?? '',
    link: /https:\/\/[^\s,;]+[^\s,;:.]/.exec(evidence.join('\n'))?.[0] ?? null,
  };
}
