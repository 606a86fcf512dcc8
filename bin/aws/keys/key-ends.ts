// When keys end, which only their values and their providers tell: the audit function reads them, and says no more than that.
import { randomBytes } from 'node:crypto';
import type { TellsEnd } from '../../../core/audit/ends';
import type { AuditFinding, NotCovered } from '../../../core/audit/finding';
import { pagesOf } from '../../../core/audit/parts';
import { KeyturnError } from '../../../core/errors';
import type { Aws } from '../aws';
import { auditFunction } from '../functions/audit-function';
import type { KeyStatus } from './key-status';

export interface KeyEnds {
  /** By short name. */
  ends: ReadonlyMap<string, TellsEnd>;
  /** Of keys that end before anything replaces them, by short name. */
  soon: ReadonlyMap<string, AuditFinding>;
  /** What the function could not look at. */
  missed: NotCovered[];
}

/** Asks while nobody waits for many: a page takes a minute at most. Where it fails, says why, and knows of no end. */
export async function readKeyEnds(aws: Aws): Promise<KeyEnds> {
  const ends = new Map<string, TellsEnd>();
  const soon = new Map<string, AuditFinding>();
  const missed: NotCovered[] = [];
  // Nothing is compared, so nobody needs to know the salt.
  const salt = randomBytes(32).toString('hex');
  try {
    for await (const answer of pagesOf(auditFunction(aws), { part: 'ends', salt })) {
      for (const end of answer.ends ?? []) ends.set(end.key, end);
      for (const found of answer.findings) soon.set(found.subject, found);
      missed.push(...answer.notCovered);
    }
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    missed.push({ what: 'when keys end', why: error.message });
  }
  return { ends, soon, missed };
}

/** The status of a key with its end; where it ends soon, with what to do, unless something worse is wrong with it. */
export function withEnd(status: KeyStatus, { ends, soon }: KeyEnds): KeyStatus {
  const end = ends.get(status.key);
  if (!end) return status;
  const found = soon.get(status.key);
  const [note] = found?.evidence ?? [];
  return {
    ...status,
    ...(found && note && !status.fix && { note, fix: found.fix }),
    endsAt: new Date(end.at),
    endsBy: end.by,
  };
}
