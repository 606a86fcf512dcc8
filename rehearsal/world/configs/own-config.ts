// A configuration that was made up, as a file: the CLI reads files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMadeByHand } from '../../../bin/aws/keys/key-state';
import { shortName } from '../../../core/key/key-address';
import type { Environment, Key, KeyInput, KeysInput, Server } from '../../../lib/config/config';

export function writeConfig(keys: KeysInput): { file: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-config-'));
  const file = join(directory, 'keys.ts');
  writeFileSync(file, `export const keys = ${JSON.stringify(keys)};\n`);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}

/**
 * An environment as a person would write it.
 * @param write what is its own of each server; `undefined` leaves the server out
 */
export function inputOf(
  { name, servers, ...rest }: Omit<Environment, 'policy'> & { policy: string },
  write: (server: Server) => object | undefined,
): KeysInput {
  const written = servers.flatMap(server => {
    const { name: of, role, assumedBy, keys: _keys, federations: _federations, ...others } = server;
    const own = write(server);
    return own ? [[of, { ...others, roles: { [name]: assumedBy ?? role }, ...own }]] : [];
  });
  return { environments: { [name]: rest }, servers: Object.fromEntries(written) } as unknown as KeysInput;
}

/** The same environment without these keys, and without servers that have no key. @param names short names */
export function inputWithout(environment: Environment, names: readonly string[]): KeysInput {
  return inputOf(environment, ({ keys }) => {
    const left = keys.filter(({ address }) => !names.includes(shortName(address)));
    const replicas = keys[0]?.spec.replicas;
    return left.length
      ? { ...(replicas && { replicas: { [environment.name]: replicas } }), keys: left.map(keyInput) }
      : undefined;
  });
}

function keyInput({ address, spec, env, rotateEvery, requestsPerHour, reason, awsRotation }: Key): KeyInput {
  const { provider, purpose } = address;
  const { tier, scopes, settings, overlapHours, deliverTo } = spec;
  const written = {
    provider,
    env,
    tier,
    scopes,
    settings,
    overlapHours,
    deliverTo,
    ...(awsRotation && {
      rotatedBy: awsRotation.isOn ? 'aws' : 'aws-once-adopted',
      rotationMetadata: awsRotation.metadata,
    }),
    // Nothing rotates what a person makes.
    ...((awsRotation || !isMadeByHand({ address, spec })) && { rotateEvery }),
    requestsPerHour,
    reason,
  };
  return { ...written, ...(purpose !== 'main' && { purpose }) } as unknown as KeyInput;
}
