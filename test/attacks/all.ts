// Every attack, in folders by what is attacked.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Attack } from './attack';

/** Name of the file -> the attack. @throws where a file exports none */
export function allAttacks(): [string, Attack][] {
  const folders = readdirSync(__dirname, { withFileTypes: true }).filter(
    entry => entry.isDirectory() && entry.name !== 'support',
  );
  return folders
    .flatMap(({ name }) => readdirSync(join(__dirname, name)).map(file => join(name, file)))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
    .map(file => {
      const { attack } = require(join(__dirname, file)) as { attack?: Attack };
      if (!attack) throw new Error(`test/attacks/${file} exports no attack`);
      return [basename(file, '.ts'), attack];
    });
}
