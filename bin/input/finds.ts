// Keys that somebody found, as a person or a scanner's output gives them.
import * as z from 'zod/mini';
import type { Find } from '../../core/leaks/leak-report';

/** One line of `trufflehog --json`. https://github.com/trufflesecurity/trufflehog */
const truffleHogLine = z.object({
  Raw: z.string(),
  RawV2: z.optional(z.string()),
  SourceMetadata: z.optional(z.unknown()),
});

/**
 * What a person pipes in: lines of `trufflehog --json`, or keys, each on a line of its own; a private key is one text of many lines.
 * @param where of finds that do not say it themselves
 */
export function readFinds(input: string, where?: string): Find[] {
  const text = input.trim();
  const lines = text.startsWith('-----BEGIN') ? [text] : text.split(/\r?\n/).filter(line => line.trim());
  return lines.flatMap((line): Find[] => {
    const found = truffleHogLineOf(line);
    if (!found) return [{ as: 'text', value: line, ...(where && { where }) }];
    const place = placeOf(found.SourceMetadata) ?? where;
    const values = [...new Set([found.Raw, found.RawV2].filter(value => value))];
    return values.map(value => ({ as: 'text', value: value ?? '', ...(place && { where: place }) }));
  });
}

function truffleHogLineOf(line: string): z.output<typeof truffleHogLine> | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    return truffleHogLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const gitPlace = z.object({
  repository: z.optional(z.string()),
  link: z.optional(z.string()),
  file: z.optional(z.string()),
  commit: z.optional(z.string()),
});
const metadata = z.object({ Data: z.record(z.string(), gitPlace) });

/** Such as a repository, a file and a commit. */
function placeOf(sourceMetadata: unknown): string | undefined {
  const [place] = Object.values(metadata.safeParse(sourceMetadata).data?.Data ?? {});
  const { repository, link, file, commit } = place ?? {};
  return link ?? ([repository, file, commit].filter(part => part).join(' ') || undefined);
}
