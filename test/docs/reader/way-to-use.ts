// What a reader does with a block that is no command.
import { transformSync } from 'esbuild';
import type { Block } from '../documents';
import type { Machine } from './machine';
import type { Reader } from './reader';

export interface Uses {
  machine: Machine;
  reader: Reader;
}

export interface WayToUse {
  /** What it is, for the list of what was done with which block. */
  name: string;
  is(block: Block): boolean;
  /** @throws where it does not do what its document says */
  use(block: Block, uses: Uses): Promise<void>;
}

/** What a block of TypeScript exports. */
export function exportsOf(text: string): Record<string, object> {
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs' });
  const module = { exports: {} as Record<string, object> };
  new Function('module', 'exports', code)(module, module.exports);
  return module.exports;
}
