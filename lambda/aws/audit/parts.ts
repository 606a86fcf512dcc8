// The parts of an audit. Each gathers facts in one way and lets the rules of core/audit/ judge them; this folder holds their
// calls. A part answers page by page: Lambda takes 6 MB for an answer, and a person wants to see how far it is.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { PartAnswer } from '../../../core/audit/finding';
import type { PartName, PartRequest } from '../../../core/audit/parts';
import { KeyturnError } from '../../../core/errors';
import type { Clock } from '../../../core/provider';
import type { Registry } from '../registry/registry';
import { createProviders, type Providers } from '../secrets/providers';
import type { Table } from '../table/table';
import { lookAtEnds } from './ends-part';
import { lookAtKeys } from './keys-part';
import { lookAtPlace } from './place-part';
import { lookAtProvider } from './provider-part';

/** What every part has at hand. A part makes further clients of its own. */
export interface AuditClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  table: Pick<Table, 'get' | 'query'>;
  clock: Clock;
  /** What the function was deployed with. */
  variables: NodeJS.ProcessEnv;
}

/**
 * Nobody waits for an audit, and rotations and containments ask the same providers: so it stays below what the strictest of them
 * allow. Okta takes 100 calls a minute for apps on its smallest plan, Resend and Auth0 take 2 a second.
 */
const callsPerSecond = 1.5;

/** Asks each provider no faster, all that share what this gives together. */
export function unhurriedProviders({ secretsManager, clock }: AuditClients): Providers {
  return createProviders(secretsManager, clock, 'pass-on', callsPerSecond);
}

export interface AuditRun extends Omit<PartRequest, 'part'>, AuditClients {
  providerOf: Providers;
  environment: string;
  /** Those in use there. */
  providers: readonly string[];
  /** What follows the colon in the name of the part. */
  about: string | undefined;
  /** True where the page should end, so that its answer still arrives. */
  isTimeUp(): boolean;
}

export type Gather = (run: AuditRun) => Promise<PartAnswer>;

const gatherers: Readonly<Record<PartName, Gather>> = {
  keys: lookAtKeys,
  ends: lookAtEnds,
  // Their clients are loaded where they are needed.
  access: async run => (await import('./access-part')).lookAtAccess(run),
  copies: async run => (await import('./copies-part')).lookAtCopies(run),
  watching: async run => (await import('./watching-part')).lookAtWatching(run),
  provider: lookAtProvider,
  place: lookAtPlace,
};

/** @throws {KeyturnError} bad-event */
export function gathererOf(part: string): { gather: Gather; about: string | undefined } {
  const [name, about] = part.split(':', 2);
  if (isPart(name)) return { gather: gatherers[name], about };
  throw new KeyturnError(
    'bad-event',
    `an audit has no part ${JSON.stringify(part.slice(0, 50))}; deploy the platform stack again, so that the function has the same version as the command`,
  );
}

function isPart(name: string | undefined): name is PartName {
  return name !== undefined && Object.hasOwn(gatherers, name);
}

const salts = /^[0-9a-f]{32,128}$/;

/** @throws {KeyturnError} bad-event */
export function readRequest(event: object): PartRequest {
  const { part, salt, from, unusedDays, keyId } = event as Partial<Record<keyof PartRequest, unknown>>;
  if (
    typeof part === 'string' &&
    typeof salt === 'string' &&
    salts.test(salt) &&
    (from === undefined || typeof from === 'string') &&
    (keyId === undefined || typeof keyId === 'string') &&
    (unusedDays === undefined || (typeof unusedDays === 'number' && unusedDays > 0))
  )
    return {
      part,
      salt,
      ...(from !== undefined && { from }),
      ...(keyId !== undefined && { keyId }),
      ...(unusedDays !== undefined && { unusedDays }),
    };
  throw new KeyturnError(
    'bad-event',
    'this event asks for no part of an audit; call it with { part, salt, unusedDays?, from?, keyId? }, where salt has 32 to 128 hexadecimal digits',
  );
}
