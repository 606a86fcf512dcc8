import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The licenses of all packages whose code is inside the bundles, each text once. @throws where one has none */
export function licensesOf(metafiles: Metafile[]): string {
  const folders = new Set(
    metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap(file => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  );
  const byText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each));
    if (!file && !license) throw new Error(`${folder} has no license`);
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...byText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  return `Code of these packages is inside.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
