// Prints how many lines of code each connector has, and what they are spent on: `npm run providers -- --sizes`.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(__dirname, '..', 'connectors', 'providers');

/** `shapes`: zod and types. `facts`: what the object states as data. `calls`: what it does. */
const parts = ['imports', 'shapes', 'facts', 'calls'] as const;
type Part = (typeof parts)[number];
export type Sizes = Record<Part | 'lines', number>;

/** What a line at the left edge begins. */
const statements: readonly (readonly [RegExp, Part | 'connector'])[] = [
  [/^(import|export \{|export type \{)/, 'imports'],
  [/^export const \w+:\s*\w*Connector</, 'connector'],
  [/^(export )?(async )?function /, 'calls'],
  [/^(export )?(const|type|interface) /, 'shapes'],
];
/** A property of the connector that talks to the provider; functions of settings alone are facts. */
const call = /^ {2}(async )?\w+(: )?(async )?\(_?http\b|^ {2}async \w+\(/;
const property = /^ {2}(async )?\w+(\(|:|,)/;

/** Without blank lines and comments. The formatter keeps to the edges that this goes by. */
export function sizesOf(text: string): Sizes {
  const sizes: Sizes = { lines: 0, imports: 0, shapes: 0, facts: 0, calls: 0 };
  let within: Part | 'connector' = 'shapes';
  let part: Part = 'shapes';
  for (const line of text.split('\n')) {
    if (/^\s*(\/\/.*|\/?\*.*)?$/.test(line)) continue;
    within = statements.find(([begins]) => begins.test(line))?.[1] ?? within;
    if (within !== 'connector') part = within;
    else if (/^\S/.test(line)) part = 'facts';
    else if (property.test(line)) part = call.test(line) ? 'calls' : 'facts';
    sizes[part]++;
    sizes.lines++;
  }
  return sizes;
}

/** By the name of its file or folder; files that stand beside a connector in its folder are its own. */
export function connectorSizes(): Map<string, Sizes & { isFolder: boolean }> {
  const sizes = new Map<string, Sizes & { isFolder: boolean }>();
  for (const name of readdirSync(root).sort()) {
    const path = join(root, name);
    const isFolder = statSync(path).isDirectory();
    const files = isFolder ? readdirSync(path).map(file => join(path, file)) : [path];
    const each = files.filter(file => file.endsWith('.ts')).map(file => sizesOf(readFileSync(file, 'utf8')));
    const sum = (part: keyof Sizes) => each.reduce((total, file) => total + file[part], 0);
    sizes.set(basename(name, '.ts'), {
      lines: sum('lines'),
      imports: sum('imports'),
      shapes: sum('shapes'),
      facts: sum('facts'),
      calls: sum('calls'),
      isFolder,
    });
  }
  return sizes;
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;
}

export function printSizes(): void {
  const sizes = connectorSizes();
  const row = (name: string, of: Sizes) =>
    `${name.padEnd(18)}${(['lines', ...parts] as const).map(part => String(of[part]).padStart(9)).join('')}\n`;
  process.stdout.write(`${''.padEnd(18)}${['lines', ...parts].map(part => part.padStart(9)).join('')}\n`);
  for (const [name, of] of sizes) process.stdout.write(row(of.isFolder ? `${name}/` : name, of));
  const all = [...sizes.values()];
  const middle = (part: keyof Sizes) => median(all.map(of => of[part]));
  process.stdout.write(
    row('median', {
      lines: middle('lines'),
      imports: middle('imports'),
      shapes: middle('shapes'),
      facts: middle('facts'),
      calls: middle('calls'),
    }),
  );
}
