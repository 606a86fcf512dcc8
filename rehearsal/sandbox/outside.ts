// What processes outside of the sandbox need to work with it: environment variables, and a file that tells them where the fake
// providers are and what time it is there. See outside.mjs, which reads that file.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stateFile } from '../../bin/sandbox/state-file';
import { keysOf } from '../../lib/config/config';
import { needed } from '../world/needed';
import type { RehearsalContext } from '../world/rehearsal-context';
import type { Reading } from './pace';

export const outsideFile = (name: string) => stateFile(name, '.outside');

/** Whole or not at all: others read it at any time. */
export function tellOutside(name: string, { world, environment }: RehearsalContext, reading: Reading): void {
  const { providers } = world;
  const origins = keysOf(environment).flatMap(({ address, spec }) =>
    providers.dialect(address.provider).origins(spec.settings),
  );
  const file = outsideFile(name);
  const facts = { port: providers.port, origins: [...new Set(origins)], ...reading };
  writeFileSync(`${file}.new`, JSON.stringify(facts), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Who -> environment variables: of an administrator, and of each server. */
export function variablesOf(name: string, context: RehearsalContext): Record<string, Record<string, string>> {
  const { environment } = context;
  const admin = needed(environment.admins[0], 'an administrator');
  const servers = environment.servers.map(({ name: server, role }) => [
    server,
    {
      ...variablesFor(name, context, role, server),
      KEYTURN_ENVIRONMENT: environment.name,
      KEYTURN_SERVER: server,
    },
  ]);
  return { admin: variablesFor(name, context, admin, 'administrator'), ...Object.fromEntries(servers) };
}

function variablesFor(
  name: string,
  { world }: RehearsalContext,
  role: string,
  session: string,
): Record<string, string> {
  const variables = world.sdkEnvironment(role, session);
  return {
    ...variables,
    AWS_DEFAULT_REGION: needed(variables.AWS_REGION, 'a region'),
    // A profile or a proxy of the shell would lead somewhere else.
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: '127.0.0.1,localhost',
    NODE_OPTIONS: `--import ${pathToFileURL(join(__dirname, 'outside.mjs')).href}`,
    KEYTURN_SANDBOX: name,
    KEYTURN_SANDBOX_OUTSIDE: outsideFile(name),
  };
}
