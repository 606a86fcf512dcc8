// Compiles the TypeScript blocks of the documents, as a reader would use them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Block } from './documents';
import { root } from './documents';

/**
 * A block is tried where a reader may put it: at the root, beside its document, in the folder of what it shows, a configuration only
 * in its own; and after the blocks that come before it in its document.
 */
const folders = ['', 'connectors', 'rehearsal/providers/dialects', 'lib', 'config'];

/** @returns block -> what the compiler said, for those that compile nowhere */
export function uncompiled(blocks: Block[]): Map<Block, string> {
  // Beside the sources, so that packages are found; named so that nobody takes it for a source.
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-docs-'));
  try {
    const tries = blocks.flatMap((block, index) => triesOf(block, index, blocks));
    for (const { file, text } of tries) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), `${text}\nexport {};\n`);
    }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings(tries.map(({ file }) => file))));
    const { stdout, status, error } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '--project', directory, '--pretty', 'false'],
      { cwd: directory, encoding: 'utf8' },
    );
    if (error || status === null) throw error ?? new Error('the compiler was ended');
    if (/^error/m.test(stdout)) throw new Error(`the compiler could not start: ${stdout}`);
    const failed = (file: string) =>
      stdout.split('\n').filter(line => line.replace(/^.*keyturn-docs-\w+\//, '').startsWith(`${file}(`));
    return new Map(
      blocks.flatMap((block): [Block, string][] => {
        const own = tries.filter(each => each.block === block).map(({ file }) => failed(file));
        return own.some(errors => errors.length === 0) ? [] : [[block, own[0]!.join('\n')]];
      }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function triesOf(
  block: Block,
  index: number,
  blocks: Block[],
): { block: Block; file: string; text: string }[] {
  const before = blocks.slice(0, index).filter(({ document }) => document === block.document);
  const texts = [block.text, [...before, block].map(({ text }) => text).join('\n')];
  return placesOf(block).flatMap(folder =>
    texts.map((text, turn) => ({ block, file: join(folder, `block-${index}-${turn}.ts`), text })),
  );
}

/** A configuration is for config/keys.ts alone. */
function placesOf({ text, document }: Block): string[] {
  return text.includes('export const keys =') ? ['config'] : [...new Set([...folders, dirname(document)])];
}

function settings(files: string[]): object {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      // What a block imports by a relative path lies in the repository.
      rootDirs: ['.', root],
      paths: {
        'keyturn/client': [join(root, 'client/index.ts')],
        '@keyturn/client': [join(root, 'client/index.ts')],
        'keyturn/config': [join(root, 'lib/config/define-keys.ts')],
        'keyturn/cdk': [join(root, 'lib/index.ts')],
        '*': [join(root, 'node_modules/*'), join(root, 'node_modules/@types/*')],
      },
      typeRoots: [join(root, 'node_modules/@types')],
      // What a block declares is for the reader to use.
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: [],
    files,
  };
}
