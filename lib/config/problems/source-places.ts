// Where an entry stands in the file that a person edits: its line and column. What is computed has no place of its own: then
// it is that of the entry around it.
import { readFileSync } from 'node:fs';
import { parse } from '@babel/parser';
import type { Path } from './problem';

/** `config/keys.ts:12:7`; `undefined` where nothing of the path is written out in the file. */
export type Locate = (paths: readonly Path[]) => string | undefined;

/** @param name of the file as people call it. The file is read once it is asked for. */
export function sourcePlaces(file: string, name: string): Locate {
  let source: ParsedSource | undefined;
  return paths => {
    source ??= readSource(file);
    const found = paths.map(path => lookUp(source, path));
    // One that is written out in full tells more than a longer one that is not.
    const best = found.find((place, at) => place?.steps === paths[at]?.length) ?? found[0];
    return best ? `${name}:${best.line}:${best.column}` : undefined;
  };
}

interface ParsedSource {
  root: SyntaxNode | undefined;
  /** Objects and lists of the same file that have a name. */
  named: ReadonlyMap<string, SyntaxNode>;
}

/** What is needed of Babel's nodes. */
type SyntaxNode = { type: string; loc?: { start: { line: number; column: number } } | null } & Record<
  string,
  unknown
>;

/** None where the file cannot be read or parsed: the problem has been found all the same. */
function readSource(file: string): ParsedSource | undefined {
  try {
    const { program } = parse(readFileSync(file, 'utf8'), {
      sourceType: 'module',
      plugins: ['typescript'],
      errorRecovery: true,
    });
    const named = new Map<string, SyntaxNode>();
    for (const statement of program.body as unknown as SyntaxNode[]) {
      const declaration = (statement.declaration ?? statement) as SyntaxNode;
      if (declaration.type !== 'VariableDeclaration') continue;
      for (const { id, init } of declaration.declarations as { id: SyntaxNode; init?: SyntaxNode }[])
        if (init && typeof id.name === 'string') named.set(id.name, init);
    }
    return { root: named.get('keys'), named };
  } catch {
    return undefined;
  }
}

interface SourcePlace {
  line: number;
  column: number;
  /** How many steps of the path are written out. */
  steps: number;
}

function lookUp(source: ParsedSource | undefined, path: Path): SourcePlace | undefined {
  if (!source?.root) return undefined;
  let at: SyntaxNode | undefined = source.root;
  let place = startOf(source.root, 0);
  for (const [index, step] of path.entries()) {
    const entry: Entry | undefined = at && entryOf(plain(at, source), step, source);
    if (!entry) break;
    place = startOf(entry.where, index + 1) ?? place;
    at = entry.value;
  }
  return place;
}

function startOf({ loc }: SyntaxNode, steps: number): SourcePlace | undefined {
  return loc ? { line: loc.start.line, column: loc.start.column + 1, steps } : undefined;
}

interface Entry {
  where: SyntaxNode;
  value: SyntaxNode;
}

/** An object or a list itself, behind types, names and the call of `defineKeys`. */
function plain(node: SyntaxNode, { named }: ParsedSource, depth = 0): SyntaxNode {
  const inner = innerOf(node, named);
  return inner && depth < 10 ? plain(inner, { root: undefined, named }, depth + 1) : node;
}

function innerOf(node: SyntaxNode, named: ParsedSource['named']): SyntaxNode | undefined {
  if (node.type === 'Identifier') return named.get(String(node.name));
  if (node.type === 'CallExpression') return (node.arguments as SyntaxNode[])[0];
  const isWrapped = /^(TS\w+Expression|ParenthesizedExpression)$/.test(node.type);
  return isWrapped ? (node.expression as SyntaxNode) : undefined;
}

function entryOf(node: SyntaxNode, step: PropertyKey, source: ParsedSource): Entry | undefined {
  if (node.type === 'ArrayExpression') return elementOf(node, Number(step));
  if (node.type !== 'ObjectExpression') return undefined;
  // The last one counts.
  for (const property of (node.properties as SyntaxNode[]).toReversed()) {
    if (property.type === 'SpreadElement') {
      const spread = entryOf(plain(property.argument as SyntaxNode, source), step, source);
      if (spread) return spread;
    } else if (!property.computed && nameOf(property.key as SyntaxNode) === String(step)) {
      return { where: property.key as SyntaxNode, value: (property.value ?? property) as SyntaxNode };
    }
  }
  return undefined;
}

/** Behind a spread nobody can count. */
function elementOf(list: SyntaxNode, index: number): Entry | undefined {
  const elements = list.elements as (SyntaxNode | null)[];
  if (elements.slice(0, index + 1).some(each => each?.type === 'SpreadElement')) return undefined;
  const element = elements[index];
  return element ? { where: element, value: element } : undefined;
}

function nameOf({ name, value }: SyntaxNode): string {
  return String(name ?? value);
}
