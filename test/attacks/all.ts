// Every attack in this folder.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Attack } from './attack';

const harness = ['all.ts', 'attack.ts', 'guards.ts', 'main.ts', 'try-attacks.ts'];

/** Name of the file -> the attack. @throws where a file exports none */
export function allAttacks(): [string, Attack][] {
  return readdirSync(__dirname)
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts') && !harness.includes(file))
    .sort()
    .map(file => {
      const { attack } = require(join(__dirname, file)) as { attack?: Attack };
      if (!attack) throw new Error(`test/attacks/${file} exports no attack`);
      return [basename(file, '.ts'), attack];
    });
}
