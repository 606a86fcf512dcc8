// Bundles as scripts. V8 compiles a script once in each thread and can run it again and again, as new; a module it runs once, and
// keeps for as long as the thread lives.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'esbuild';

/** All files of a directory, which every thread reads where it stands and takes of it what it runs. */
export interface FunctionCode {
  bytes: Uint8Array;
  /** File -> where its code begins and ends. */
  places: ReadonlyMap<string, readonly [number, number]>;
}

/** A directory's name tells its contents, as CDK has named it. */
const known = new Map<string, Promise<FunctionCode>>();

export function codeOf(directory: string): Promise<FunctionCode> {
  const code = known.get(directory) ?? readCode(directory);
  known.set(directory, code);
  return code;
}

async function readCode(directory: string): Promise<FunctionCode> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter(name => name.endsWith('.mjs')).map(name => path.join(directory, name));
  const codes = await Promise.all(files.map(async file => Buffer.from(await asScript(file))));
  const bytes = new Uint8Array(new SharedArrayBuffer(codes.reduce((sum, code) => sum + code.length, 0)));
  const places = new Map<string, readonly [number, number]>();
  let end = 0;
  for (const [n, code] of codes.entries()) {
    bytes.set(code, end);
    places.set(files[n] ?? '', [end, end + code.length]);
    end += code.length;
  }
  return { bytes, places };
}

/** What imports and exports become is all that is changed. */
async function asScript(file: string): Promise<string> {
  const { code } = await transform(readFileSync(file, 'utf8'), {
    format: 'cjs',
    target: 'node20',
    // `import()` too: it would load a module.
    supported: { 'dynamic-import': false },
    // A module has no `require` of its own: whoever uses one fails here as there.
    define: { 'import.meta.url': 'importMetaUrl', require: 'requireOfModules' },
    minifyWhitespace: true,
    sourcefile: file,
  });
  return code;
}
