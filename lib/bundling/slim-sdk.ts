// Takes out of AWS's SDK what functions would load and never use. Each rule says which files it changes; where the SDK no longer
// has them, or they no longer look as they did, no bundle is made.
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'esbuild';

const modules = join(__dirname, '../../node_modules');
const stub = join(__dirname, '../../lambda/aws/runtime/left-out.ts');

export interface Rule {
  /** Below `node_modules`. */
  file: RegExp;
  /**
   * @param path of the source, as it would be imported
   * @throws where the source is not as it is known
   */
  slim(source: string, path: string): string;
}

/** For every function. */
const always: readonly Rule[] = [
  // A client asks for its version, and would carry its whole manifest.
  { file: /^@aws-sdk\/client-[^/]+\/package\.json$/, slim: nameAndVersion },
  { file: /^@aws-sdk\/client-[^/]+\/dist-es\/models\/errors\.js$/, slim: errorsInOneShape },
  // A region's partition follows from its name's form.
  { file: /^@aws-sdk\/core\/dist-es\/.+\/aws\/partitions\.js$/, slim: partitionsByForm },
  // For AWS_RETRY_MODE=adaptive, which no function has.
  { file: /^@smithy\/core\/dist-es\/.+\/util-retry\/AdaptiveRetryStrategy\.js$/, slim: allLeftOut },
  // For streams of events, which no function opens.
  { file: /^@smithy\/signature-v4\/dist-es\/HeaderFormatter\.js$/, slim: allLeftOut },
  // For access points of several regions.
  { file: /^@aws-sdk\/core\/dist-es\/.+\/AwsSdkSigV4ASigner\.js$/, slim: allLeftOut },
  // The SDK logs calls where a client is given a logger. None is, and what a call carries is in no log of Keyturn's.
  {
    file: /^@aws-sdk\/core\/dist-es\/.+\/loggerMiddleware\.js$/,
    slim: instead('getLoggerPlugin', '() => ({ applyToStack() {} })'),
  },
  { file: /^@smithy\/core\/dist-es\/.+\/schemaLogFilter\.js$/, slim: allLeftOut },
  // Said of a Node that Keyturn's functions never run on.
  {
    file: /^@aws-sdk\/core\/dist-es\/.+\/emitWarningIfUnsupportedVersion\.js$/,
    slim: instead('emitWarningIfUnsupportedVersion', '() => {}'),
  },
];

/** For functions that call only services whose requests are a JSON body, and whose times are numbers. */
const withJsonAlone: readonly Rule[] = [
  {
    file: /^@smithy\/core\/dist-es\/.+\/serde\/date-utils\.js$/,
    slim: leftOut(['parseRfc3339DateTime', 'parseRfc3339DateTimeWithOffset', 'parseRfc7231DateTime']),
  },
  // For members in headers and paths.
  {
    file: /^@smithy\/core\/dist-es\/.+\/HttpBindingNormalizedSchema\.js$/,
    slim: leftOut(['HttpBindingNormalizedSchema']),
  },
  // For the names of buckets.
  { file: /^@smithy\/core\/dist-es\/.+\/service-customizations\/s3\.js$/, slim: allLeftOut },
];

export const rules = [...always, ...withJsonAlone];

/**
 * @param isJsonAlone what a function calls takes and gives JSON alone
 * @param met the rules that have changed something: each has to, in one bundle or another
 */
export function slimSdk(isJsonAlone: boolean, met: Set<Rule>): Plugin {
  return {
    name: 'slim-sdk',
    setup({ onLoad }) {
      for (const rule of isJsonAlone ? rules : always)
        onLoad({ filter: asEsbuildReads(rule.file) }, async ({ path, suffix }) => {
          const name = relative(modules, path).split(sep).join('/');
          if (!rule.file.test(name) || suffix === restOf) return undefined;
          met.add(rule);
          const contents = slimmed(rule, path, await readFile(path, 'utf8'));
          return { contents, loader: path.endsWith('.json') ? 'json' : 'js' };
        });
    },
  };
}

/** @throws where a rule has nothing left to do */
export function requireMet(met: ReadonlySet<Rule>): void {
  const stale = rules.find(rule => !met.has(rule));
  if (stale)
    throw new Error(`no bundle has a file ${stale.file} any more; take its rule out of ${__filename}`);
}

function slimmed(rule: Rule, path: string, source: string): string {
  try {
    return rule.slim(source, path);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path} is not what lib/bundling/slim-sdk.ts knows (${message}); mend its rule`);
  }
}

/** Of the end of a path alone, whatever parts it. */
function asEsbuildReads({ source }: RegExp): RegExp {
  return new RegExp(`[\\\\/]${source.slice(1).replaceAll('\\/', '[\\\\/]')}`);
}

function nameAndVersion(source: string): string {
  const { name, version } = JSON.parse(source);
  if (!name || !version) throw new Error('it has no name and version');
  return JSON.stringify({ name, version });
}

/** Classes that differ in their names and fields alone are made by one function. */
function errorsInOneShape(source: string): string {
  const [imports, ...classes] = source.split(/^(?=export class )/m);
  if (!classes.length) throw new Error('it has no classes');
  return [imports, ...classes.map(callInstead), errorOf].join('\n');
}

/** @throws where a class does more than the function below would */
function callInstead(source: string): string {
  const found = (pattern: RegExp) => pattern.exec(source)?.[1];
  const name = found(/^export class (\w+)/);
  const fault = found(/\$fault = "(\w+)"/);
  const id = found(/static shapeId = ("[^"]+")/);
  const retryable = found(/\$retryable = (\{[^;]*\});/);
  const fields = [...source.matchAll(/ = opts\.(\w+);/g)].map(([, field]) => field);
  const lines = [
    `export class ${name} extends __BaseException {`,
    ...(id ? [`static shapeId = ${id};`] : []),
    `name = "${name}";`,
    `$fault = "${fault}";`,
    ...(retryable ? [`$retryable = ${retryable};`] : []),
    ...fields.map(field => `${field};`),
    'constructor(opts) {',
    `super({ name: "${name}", $fault: "${fault}", ...opts, });`,
    `Object.setPrototypeOf(this, ${name}.prototype);`,
    ...fields.map(field => `this.${field} = opts.${field};`),
    '}',
    '}',
  ];
  if (inOneLine(source) !== inOneLine(lines.join(' '))) throw new Error(`${name} has another shape`);
  return `export const ${name} = /* @__PURE__ */ errorOf("${name}", "${fault}", ${JSON.stringify(fields)}, ${id}, ${retryable});`;
}

const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** A declaration, since it stands below its calls. */
const errorOf = `
function errorOf(name, $fault, fields, shapeId, $retryable) {
  class It extends __BaseException {
    name = name;
    $fault = $fault;
    constructor(opts) {
      super({ name, $fault, ...opts });
      Object.setPrototypeOf(this, It.prototype);
      if ($retryable) this.$retryable = $retryable;
      for (const field of fields) this[field] = opts[field];
    }
  }
  if (shapeId) It.shapeId = shapeId;
  return It;
}
`;

function partitionsByForm(source: string): string {
  const [, json] = /^export const partitionsInfo = (\{.+\});\s*$/s.exec(source) ?? [];
  if (!json) throw new Error('it is no constant');
  const known: { partitions: object[] } = JSON.parse(json.replace(/,(?=\s*[}\]])/g, ''));
  const partitions = known.partitions.map(each => ({ ...each, regions: {} }));
  return `export const partitionsInfo = ${JSON.stringify({ ...known, partitions })};\n`;
}

/** Of a file of which only a part is left out: marks its import by that which stands in its place. */
const restOf = '?rest';

function allLeftOut(source: string, path: string): string {
  return leftOut(exportsOf(source))(source, path);
}

function leftOut(names: readonly string[]): Rule['slim'] {
  return (source, path) => {
    const all = exportsOf(source);
    requireExports(all, names);
    const rest = all.filter(name => !names.includes(name));
    const kept = rest.length && `export { ${rest.join(', ')} } from ${JSON.stringify(path + restOf)};`;
    return `${refusing(names)}\n${kept || ''}`;
  };
}

/** @param code what the export is in its place; all others are left out */
function instead(name: string, code: string): Rule['slim'] {
  return source => {
    const all = exportsOf(source);
    requireExports(all, [name]);
    return `${refusing(all.filter(other => other !== name))}\nexport const ${name} = ${code};`;
  };
}

/** The names stay, since others import them. */
function refusing(names: readonly string[]): string {
  const exports = names.map(name => `export const ${name} = /* @__PURE__ */ leftOut("${name}");`);
  return [`import { leftOut } from ${JSON.stringify(stub)};`, ...exports].join('\n');
}

function exportsOf(source: string): string[] {
  const names = [...source.matchAll(/^export (?:class|const|function) (\w+)/gm)].map(([, name = '']) => name);
  if (!names.length || names.length !== source.match(/^export\b/gm)?.length)
    throw new Error('not all that it exports has a name');
  return names;
}

function requireExports(all: readonly string[], names: readonly string[]): void {
  const missing = names.find(name => !all.includes(name));
  if (missing) throw new Error(`it exports no ${missing}`);
}
