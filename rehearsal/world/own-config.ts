// A configuration that was made up, as a file: the CLI reads files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMadeByHand } from '../../bin/aws/key-state';
import { shortName } from '../../core/key/key-address';
import type { Environment, Key, KeyInput, KeysInput } from '../../lib/config/config';

export function writeConfig(keys: KeysInput): { file: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-config-'));
  const file = join(directory, 'keys.ts');
  writeFileSync(file, `export const keys = ${JSON.stringify(keys)};\n`);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}

/** The same environment, as a person would write it, and without these keys. @param names short names */
export function inputWithout(environment: Environment, names: readonly string[]): KeysInput {
  const { name, servers, ...rest } = environment;
  // What has no key is taken out by no removal.
  const kept = servers.flatMap(({ name: server, role, keys, federations: _federations, ...others }) => {
    const left = keys.filter(({ address }) => !names.includes(shortName(address)));
    const replicas = keys[0]?.spec.replicas;
    const written = {
      ...others,
      roles: { [name]: role },
      ...(replicas && { replicas: { [name]: replicas } }),
    };
    return left.length ? [[server, { ...written, keys: left.map(keyInput) }]] : [];
  });
  return { environments: { [name]: rest }, servers: Object.fromEntries(kept) } as unknown as KeysInput;
}

function keyInput({ address, spec, env, rotateEvery, requestsPerHour, reason }: Key): KeyInput {
  const { provider, purpose } = address;
  const { tier, scopes, settings, overlapHours } = spec;
  const written = {
    provider,
    env,
    tier,
    scopes,
    settings,
    overlapHours,
    // Nothing rotates what a person makes.
    ...(!isMadeByHand({ address, spec }) && { rotateEvery }),
    requestsPerHour,
    reason,
  };
  return { ...written, ...(purpose !== 'main' && { purpose }) } as unknown as KeyInput;
}
