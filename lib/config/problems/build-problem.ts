import type { BuildFailure, Location } from 'esbuild';
import { oneLine } from '../../../core/text/safe-text';
import { withoutLikelySecrets } from './likely-secrets';

/**
 * What esbuild found wrong first, in a file that a team wrote: it quotes that file.
 * @returns `undefined` where something else failed
 */
export function buildProblemOf(error: unknown): { at: Location | null; said: string } | undefined {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  return first && { at: first.location, said: withoutLikelySecrets(oneLine(first.text)) };
}
