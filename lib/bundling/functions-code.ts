// All functions in one asset. In a clone they are bundled from their sources; in the package their bundles lie beside this
// file, and are the same: one configuration gives one hash.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { AssetCode, type Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ExpectedReaders } from '../../core/audit/access';
import type { KeySpecs } from '../../core/key/key-spec';
import { ownConnectorsOf } from '../config/own-connectors';
import type { OwnConnectorInput } from '../config/providers';
import { keptBuild, type Read } from './kept-build';
import { putOwnConnectors } from './own-chunks';

/** What functions know of their environment, from files beside their code: variables have no room for it. */
export interface EnvironmentData {
  readonly keys: KeySpecs;
  readonly readers: ExpectedReaders;
}

/**
 * The code of every function of one stack; a handler is `<file in lambda/>.handler`.
 * @param providers in use there: those of a team's own get their files into the asset
 * @param told @default - they are told by variables
 */
export function functionsCode(providers: readonly string[], told?: EnvironmentData): Code {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-functions-'));
  for (const [name, content] of Object.entries(told ?? {}))
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(content));
  return new FunctionsCode(directory, ownConnectorsOf(providers));
}

/**
 * An asset that is hashed by what comes out, so that a change elsewhere in the repository deploys no function again. CDK's
 * own bundling would want a container image that is never run, and say on every terminal where in the tree it bundles.
 */
class FunctionsCode extends AssetCode {
  private isStaged = false;

  constructor(
    directory: string,
    private readonly own: Readonly<Record<string, OwnConnectorInput>>,
  ) {
    super(directory);
  }

  override bind(scope: Construct): CodeConfig {
    if (this.isStaged) return super.bind(scope);
    this.isStaged = true;
    try {
      if (Stack.of(scope).bundlingRequired) {
        putFunctions(this.path);
        putOwnConnectors(this.path, this.own);
      }
      return super.bind(scope);
    } finally {
      rmSync(this.path, { recursive: true });
    }
  }
}

function putFunctions(directory: string): void {
  const bundles = __filename.endsWith('.ts')
    ? keptBuild('functions', bundleInProcess)
    : join(__dirname, 'functions');
  cpSync(bundles, directory, { recursive: true });
}

/** What takes the SDK apart is asynchronous, and a synth is not. */
function bundleInProcess(folder: string): Read[] {
  const program = [join(__dirname, 'bundle-process.ts'), folder];
  const options = { cwd: join(__dirname, '../..'), encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', ...program], options));
}
