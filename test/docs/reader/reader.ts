// Reads a page as a person would: its blocks from the first to the last, each line in a terminal that goes on from line to line.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, root } from '../documents';
import { mayFindSomething, placeholders, synthesisOf, whyNotRun, withAnswers } from './accounts';
import { sendToAws } from './aws';
import { inputOf } from './inputs';
import type { Machine } from './machine';
import type { Done, Terminal } from './terminal';
import { waysToUse } from './uses';

export class Reader {
  /** Lines that are the same wherever they stand, and slow. */
  private readonly once = new Set<string>();

  constructor(private readonly machine: Machine) {}

  /** @returns what went wrong, line by line */
  async read(blocks: Block[], terminal: Terminal): Promise<string[]> {
    const faults: string[] = [];
    for (const block of blocks) {
      const place = `${block.document}:${block.line}`;
      if (block.language === 'sh')
        faults.push(...(await this.typeAll(block, terminal)).map(fault => `${place}: ${fault}`));
      else
        try {
          const way = waysToUse.find(({ is }) => is(block));
          if (!way) throw new Error('nothing uses this block; say how in test/docs/reader/uses.ts');
          await way.use(block, { machine: this.machine, reader: this });
        } catch (error) {
          faults.push(`${place}: ${error}`);
        }
    }
    return faults;
  }

  private async typeAll({ text }: Block, terminal: Terminal): Promise<string[]> {
    const faults: string[] = [];
    for (const line of linesOf(text))
      try {
        const done = await this.type(line, terminal);
        if (done && !isWell(done)) faults.push(`${line}: ended with ${done.code}: ${done.err}${done.out}`);
      } catch (error) {
        faults.push(`${line}: ${error}`);
      }
    return faults;
  }

  /** @returns `undefined` where it is not run as it stands */
  async type(line: string, terminal: Terminal): Promise<Done | undefined> {
    const synthesis = synthesisOf(line);
    if (synthesis) return this.onlyOnce(synthesis, () => terminal.type(synthesis));
    if (whyNotRun(line)) return undefined;
    if (line.startsWith('aws ')) return void (await sendToAws(line, this.machine.sandboxVariables()));
    if (/^(npx )?keyturn sandbox start\b/.test(line)) {
      const start = line.replace(/^(npx )?/, 'npx ');
      await this.onlyOnce(start, () => this.machine.start(start));
      return undefined;
    }
    if (/^(npm create|(npx )?keyturn init) /.test(line)) return this.create(line, terminal);
    // It overwrites no file, and several pages write this one.
    const [, written] = / discover .*--write (\S+)/.exec(line) ?? [];
    if (written) rmSync(join(terminal.folder, written), { force: true });
    const typed = placeholders.reduce(
      (words, [place, printed]) =>
        place.test(words) ? words.replace(place, terminal.printed(printed)) : words,
      withAnswers(line),
    );
    const [, forgotten] = / end --forget (\S+)/.exec(line) ?? [];
    // The page has taken the key out of the configuration by then.
    if (forgotten) return this.machine.withoutSendgrid(() => terminal.type(typed));
    return this.as(line, terminal).type(typed, await inputOf(line, this.machine));
  }

  /** A server runs as itself, all else as the administrator; the examples are in a clone. */
  private as(line: string, terminal: Terminal): Terminal {
    if (/ examples\//.test(line)) return this.machine.terminal(root, terminal.variables);
    const [, server] = /\brun .*--server (\S+)/.exec(line) ?? [];
    if (!server) return terminal;
    return this.machine.terminal(terminal.folder, {
      ...terminal.variables,
      ...this.machine.sandboxVariables(server),
    });
  }

  /** In an empty folder, in which the reader stays if that was the first. */
  private async create(line: string, terminal: Terminal): Promise<Done> {
    const isFirst = terminal.folder === this.machine.empty;
    const folder = isFirst ? terminal.folder : mkdtempSync(join(this.machine.empty, 'again-'));
    const { variables } = terminal;
    return (isFirst ? terminal : this.machine.terminal(folder, variables)).type(withAnswers(line));
  }

  private async onlyOnce<Result>(line: string, act: () => Promise<Result>): Promise<Result | undefined> {
    if (this.once.has(line)) return undefined;
    this.once.add(line);
    return act();
  }
}

/** Lines of a block as they are typed: whole, without comments. */
export function linesOf(text: string): string[] {
  return text
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map(line =>
      line
        .replace(/^\s*#.*$/, '')
        .replace(/^\$\s+/, '')
        .trim(),
    )
    .filter(Boolean);
}

function isWell({ line, code, out, err }: Done): boolean {
  // What a program throws ends it with 1, too.
  if (/^\s+at .+:\d+:\d+\)?$/m.test(err)) return false;
  return (
    code === 0 ||
    (code === 130 && out.includes('Ctrl-C stops')) ||
    (code === 1 && mayFindSomething.test(line))
  );
}
