// Keys on a developer's machine, without AWS: from a file of variables, the system's keychain, or a person who is asked.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseEnv, promisify } from 'node:util';
import { KeyturnError } from '../../../core/errors';
import { fingerprint } from '../../../core/key/generated-secret';
import { secretName, shortName } from '../../../core/key/key-address';
import type { Variable } from '../../doctor/variables';
import type { SecretReader } from '../secrets/secret-reader';
import type { KeySource } from './key-source';

export interface LocalValues {
  /** @throws {KeyturnError} where there is no value; names what to do */
  read(variable: Variable): Promise<string>;
}

export function createLocalSource(variables: readonly Variable[], values: LocalValues): KeySource {
  const read: KeySource['read'] = async address => {
    const fields: Record<string, string> = {};
    for (const variable of variables) {
      if (shortName(variable.address) === shortName(address))
        fields[variable.field] = await values.read(variable);
    }
    const versionId = fingerprint(JSON.stringify(fields));
    const { provider } = address;
    return { versionId, value: { secret: '', keyId: versionId, issuedAt: '', ...fields, provider } };
  };
  return {
    // Whatever they are, there is no next one to be got.
    givesTokens: async () => false,
    read,
    statusOf: async (address, versionId) =>
      (await read(address)).versionId === versionId ? 'current' : 'superseded',
    // There is no newer key to read: the person has to enter one.
    reject() {},
  };
}

/** The same for code that looks for versions: there is one, the current one. */
export function readerOf(source: KeySource): SecretReader {
  return {
    readCurrent: source.read,
    describe: async address => ({ versions: { [(await source.read(address)).versionId]: ['AWSCURRENT'] } }),
    read: async () => undefined,
  };
}

/** Every value is read once: a person is asked once, and so is a keychain, which may ask the person. */
export function readingOnce(values: LocalValues): LocalValues {
  const read = new Map<string, Promise<string>>();
  return {
    read(variable) {
      const value = read.get(variable.name) ?? values.read(variable);
      read.set(variable.name, value);
      return value;
    },
  };
}

/** A file such as `.env`. It is read each time: a server gets values that were changed in it. */
export function envFile(path: string): LocalValues {
  return {
    async read({ name }) {
      const value = parseEnv(readPrivateFile(path))[name];
      if (value !== undefined) return value;
      throw new KeyturnError('not-found', `${path} has no line for ${name}; add ${name}=<value>`);
    },
  };
}

const othersMask = 0o077;

/** @throws {KeyturnError} where it cannot be read, or others than its owner can */
export function readPrivateFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) {
    throw new KeyturnError(
      'not-found',
      `there is no file ${path}; create it with \`install -m 600 /dev/null ${path}\``,
    );
  }
  // Windows has no such modes: there, a file in the user's folder is the user's.
  if (process.platform !== 'win32') {
    const mode = found.mode & 0o777;
    if (mode & othersMask) {
      throw new KeyturnError(
        'refused',
        `${path} can be read or changed by others (mode ${mode.toString(8)}); run \`chmod 600 ${path}\``,
      );
    }
    if (found.uid !== userInfo().uid) {
      throw new KeyturnError('refused', `${path} belongs to another user; copy it to a file of your own`);
    }
  }
  return readFileSync(path, 'utf8');
}

interface KeychainTool {
  command: string;
  /** Prints the value that is stored for a service and an account. */
  find(service: string, account: string): string[];
  /** As a person types it: it asks for the value. */
  store(service: string, account: string): string;
}

const keychainTools: Partial<Record<NodeJS.Platform, KeychainTool>> = {
  darwin: {
    command: 'security',
    find: (service, account) => ['find-generic-password', '-s', service, '-a', account, '-w'],
    store: (service, account) => `security add-generic-password -s ${service} -a ${account} -w`,
  },
  linux: {
    command: 'secret-tool',
    find: (service, account) => ['lookup', 'service', service, 'account', account],
    store: (service, account) => `secret-tool store --label=${service} service ${service} account ${account}`,
  },
};

/** The system's keychain, by the tool that comes with it. The service is the key's name in AWS, the account its field. */
export function keychain(platform: NodeJS.Platform): LocalValues {
  const tool = keychainTools[platform];
  if (!tool) {
    throw new KeyturnError('usage', `the keychain of ${platform} cannot be read; use --local=<file>`);
  }
  return {
    async read({ address, field, name }) {
      const service = secretName(address);
      // The error is dropped: it quotes the command, and what it printed.
      const found = await promisify(execFile)(tool.command, tool.find(service, field), {
        env: process.env,
      }).catch((error: NodeJS.ErrnoException) => ({ stdout: '', isMissing: error.code === 'ENOENT' }));
      const value = found.stdout.replace(/\r?\n$/, '');
      if (value) return value;
      if ('isMissing' in found && found.isMissing) {
        throw new KeyturnError(
          'not-found',
          `there is no command ${tool.command}; install it, or use --local=<file>`,
        );
      }
      throw new KeyturnError(
        'not-found',
        `the keychain has no ${name}; store it with \`${tool.store(service, field)}\``,
      );
    },
  };
}
