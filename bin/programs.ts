// Programs that run as processes of their own, by name: the build makes one file of each, beside the command line.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const programs = {
  keyturn: 'bin/keyturn.ts',
  rehearsal: 'rehearsal/main.ts',
  lanes: 'rehearsal/lanes/main.ts',
  sandbox: 'rehearsal/sandbox/main.ts',
  evidence: 'rehearsal/providers/evidence.ts',
  assemble: 'rehearsal/world/assemble.ts',
} as const;

/** What Node is started with: the source in a clone, what the build made of it in the package. */
export function programArguments(program: keyof typeof programs): string[] {
  if (!__filename.endsWith('.ts')) return [join(__dirname, `${program}.js`)];
  return ['--import', pathToFileURL(require.resolve('tsx')).href, join(__dirname, '..', programs[program])];
}
