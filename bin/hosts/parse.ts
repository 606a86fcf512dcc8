// What a configuration file holds, in any of the formats that hosts use, down to its texts. A file that is broken is read as far
// as it goes: a key in it lies there all the same. No error of a parser is passed on, since they quote their input.
import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { parseDocument } from 'yaml';

/** One value of the file as text, empty where it holds nothing, and the names and numbers that lead to it. */
export interface Leaf {
  path: (string | number)[];
  text: string;
}

export interface ParsedFile {
  leaves: Leaf[];
  /** The first place, 1-based, where the file is not what its host reads; `what` quotes nothing of it. */
  malformed?: { line: number; column: number; what: string };
}

const deepest = 40;
const leavesAtMost = 200_000;

/** @param file its ending tells the format: JSON, unless it is `.toml`, `.yaml` or `.yml` */
export function parseConfiguration(file: string, text: string, comments: boolean): ParsedFile {
  const content = text.replace(/^\ufeff/, '');
  try {
    if (/\.toml$/i.test(file)) return fromToml(content);
    if (/\.ya?ml$/i.test(file)) return fromYaml(content);
    return fromJson(content, comments);
  } catch {
    // Parsers call themselves for each level: a file of brackets alone uses up the stack.
    return { leaves: [], malformed: { line: 1, column: 1, what: 'TooDeep' } };
  }
}

function fromJson(text: string, comments: boolean): ParsedFile {
  // An empty file is how some hosts begin.
  if (!text.trim()) return { leaves: [] };
  const errors: ParseError[] = [];
  const options = { allowTrailingComma: comments, disallowComments: !comments };
  const tree = parseTree(text, errors, options);
  const leaves: Leaf[] = [];
  // Of a name that stands twice, hosts take the last; both lie in the file.
  if (tree) collectJson(tree, [], leaves);
  const [first] = errors;
  if (!first) return { leaves };
  const what = printParseErrorCode(first.error);
  return { leaves, malformed: { ...placeOf(text, first.offset), what } };
}

function collectJson(node: JsonNode, path: Leaf['path'], leaves: Leaf[]): void {
  if (leaves.length >= leavesAtMost || path.length > deepest) return;
  const { children } = node;
  if (!children?.length) leaves.push({ path, text: children ? '' : String(node.value) });
  children?.forEach((child, index) => {
    if (node.type === 'array') collectJson(child, [...path, index], leaves);
    const [name, value] = child.children ?? [];
    if (child.type === 'property' && name && value) collectJson(value, [...path, String(name.value)], leaves);
  });
}

function fromToml(text: string): ParsedFile {
  try {
    return { leaves: collect(parseToml(text)) };
  } catch (error) {
    const { line = 1, column = 1 } = error instanceof TomlError ? error : {};
    return { leaves: [], malformed: { line, column, what: 'InvalidToml' } };
  }
}

function fromYaml(text: string): ParsedFile {
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  const [first] = document.errors;
  const [at] = first?.linePos ?? [];
  const malformed = first && { line: at?.line ?? 1, column: at?.col ?? 1, what: first.code };
  try {
    // Aliases could make it grow without end.
    const leaves = collect(document.toJS({ maxAliasCount: 100 }));
    return { leaves, ...(malformed && { malformed }) };
  } catch {
    return { leaves: [], malformed: malformed ?? { line: 1, column: 1, what: 'TooManyAliases' } };
  }
}

function collect(value: unknown, path: Leaf['path'] = [], leaves: Leaf[] = []): Leaf[] {
  if (leaves.length >= leavesAtMost || path.length > deepest) return leaves;
  const isHolder = typeof value === 'object' && value !== null;
  const members = isHolder ? Object.entries(value) : [];
  if (!members.length) leaves.push({ path, text: isHolder ? '' : String(value) });
  for (const [name, each] of members)
    collect(each, [...path, Array.isArray(value) ? Number(name) : name], leaves);
  return leaves;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
