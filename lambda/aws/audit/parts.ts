// The parts of an audit. Each gathers facts in one way and lets the rules of core/audit/ judge them; this folder holds their
// calls. A part answers page by page: Lambda takes 6 MB for an answer, and a person wants to see how far it is.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { emptyAnswer, type PartAnswer } from '../../../core/audit/finding';
import { KeyturnError } from '../../../core/errors';
import type { Clock } from '../../../core/provider';
import type { Registry } from '../registry/registry';
import type { Table } from '../table/table';
import { lookAtKeys } from './keys-part';

/** What every part has at hand. A part makes further clients of its own. */
export interface AuditClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  table: Pick<Table, 'get'>;
  clock: Clock;
}

export interface PartRequest {
  /** `keys`, `access`, `copies`, `provider:sendgrid` */
  part: string;
  /** Of this run, for prints: at least 32 characters. */
  salt: string;
  /** The `next` of the page before. @default - the first page */
  from?: string;
}

export interface AuditRun extends Omit<PartRequest, 'part'>, AuditClients {
  environment: string;
  /** Those in use there. */
  providers: readonly string[];
  /** What follows the colon in the name of the part. */
  about: string | undefined;
  /** True where the page should end, so that its answer still arrives. */
  isTimeUp(): boolean;
}

export type Gather = (run: AuditRun) => Promise<PartAnswer>;

/** By what stands before the colon. */
const parts: Readonly<Record<string, Gather>> = {
  keys: lookAtKeys,
  provider: async () => emptyAnswer(),
};

/** @throws {KeyturnError} bad-event */
export function partNamed(part: string): { gather: Gather; about: string | undefined } {
  const [name = '', about] = part.split(':', 2);
  const gather = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (gather) return { gather, about };
  throw new KeyturnError(
    'bad-event',
    `an audit has no part ${JSON.stringify(part.slice(0, 50))}; deploy the platform stack again, so that the function is as new as the command`,
  );
}

/** In the order in which they are asked. @param providers those in use */
export function partsOf(providers: readonly string[]): string[] {
  return Object.keys(parts).flatMap(name =>
    name === 'provider' ? providers.map(provider => `${name}:${provider}`) : [name],
  );
}
