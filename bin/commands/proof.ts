import { connectorFor } from '../../connectors/index';
import { type Certificate, deathState, deathTimes, secondLookDue } from '../../core/ending/certificate';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { nearest } from '../../core/key/nearest';
import { readCertificates } from '../../lambda/aws/table/certificates';
import { connect } from '../aws/aws';
import { tableOf } from '../aws/functions/emergency';
import { ofSelectedKeys } from '../aws/keys/deployed-keys';
import { loadConfig } from '../config/load-config';
import { requireSome, type Selection, selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';
import { secondsBetween } from '../terminal/time-format';

export interface ProofFlags extends CommonFlags, Selection {
  /** The provider's id of the key. */
  keyId?: string;
  /** What was measured of every provider, in place of one key. */
  delays?: boolean;
}

/** The death certificate of one key, or how long providers took to end theirs. */
export const proof: Command<ProofFlags> = async (flags, context) => {
  const { keyId, delays } = flags;
  if (Boolean(keyId) === Boolean(delays)) {
    throw new KeyturnError(
      'usage',
      "`npx keyturn proof` takes either the provider's id of one key, or --delays; `npx keyturn incidents show` and the log of the retire function name the ids of ended keys",
    );
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const aws = await connect(environment);
  const certificates = tableOf(aws);
  const all = await readCertificates(certificates, keyId);
  const found = await ofSelectedKeys(aws, all, flags);
  if (!keyId) {
    const rows = measuredDelays(found);
    print(
      context,
      flags,
      { environment: environment.name, delays: rows },
      delaysText(environment.name, rows, context.terminal.width.out),
    );
    return exitCode.done;
  }
  if (!all.length) {
    const known = (await readCertificates(certificates)).flatMap(each => each.keyId ?? []);
    throw new KeyturnError('not-found', noCertificate(environment.name, keyId, nearest(keyId, known)));
  }
  requireSome(
    found,
    `certificate of ${keyId}`,
    flags,
    `npx keyturn proof ${keyId} --env ${environment.name}`,
  );
  const facts = found.map(certificate => ({
    key: shortName(certificate.address),
    state: deathState(certificate),
    ...certificate,
    ...deathTimes(certificate),
  }));
  print(
    context,
    flags,
    { environment: environment.name, certificates: facts },
    found.map(each => inWords(each, context.terminal.width.out)).join('\n'),
  );
  return facts.every(({ state }) => state === 'dead') ? exitCode.done : exitCode.attention;
};

function noCertificate(environment: string, keyId: string, meant: string | undefined): string {
  if (meant !== undefined)
    return `${environment} has no certificate of a key ${keyId}; there is one of ${meant}: \`npx keyturn proof ${meant} --env ${environment}\``;
  return `${environment} has no certificate of a key ${keyId}: Keyturn has not ended it, or ended it before certificates were kept; \`npx keyturn incidents show <id>\` and messages name the ids of ended keys. If the key is alive and should not be, end it with \`npx keyturn revoke\`, or in the provider's console`;
}

function inWords(certificate: Certificate, width: number): string {
  const { address, keyId = 'never stored', of, looks } = certificate;
  const times = deathTimes(certificate);
  const after = (at: string | undefined) =>
    at && times.revokedAt
      ? `${at} (${secondsBetween(new Date(times.revokedAt), new Date(at))} after)`
      : 'never';
  const probes = looks.flatMap(look =>
    look.probes.map(({ at, verdict, control = '-' }) => [at, verdict, control, look.by]),
  );
  return [
    `${keyId}: ${stateInWords(certificate)}\n`,
    fact('key', shortName(address)),
    fact('why it ended', of),
    fact('asked by', [...new Set(looks.map(({ by }) => by))].join(', ')),
    fact('revoked', times.revokedAt ?? 'never'),
    fact('first rejected', after(times.firstRejectedAt)),
    fact('last accepted', after(times.lastAcceptedAt)),
    ...looks.flatMap(({ list }) => (list ? [fact("provider's list", list)] : [])),
    probes.length
      ? `\n${table(['PROBE (UTC)', 'ANSWER', 'CONTROL', 'ASKED BY'], probes, width)}`
      : '\nNo provider was asked: none knows the key.\n',
    probes.length ? 'Each probe had a connection of its own.\n' : '',
  ].join('');
}

function fact(label: string, value: string): string {
  return `  ${label.padEnd(16)}${value}\n`;
}

function stateInWords(certificate: Certificate): string {
  switch (deathState(certificate)) {
    case 'dead':
      return 'dead';
    case 'alive':
      return 'STILL ACCEPTED; Keyturn revokes it and asks again every hour';
    case 'unproven':
      return 'revoked, and not proven: the provider could not be asked; Keyturn asks again every hour';
    case 'rejected': {
      const row = certificate.looks.findLast(({ finding }) => finding === 'rejected');
      return `revoked and rejected; the second look is due at ${row && secondLookDue(row).toISOString()}`;
    }
  }
}

/** What was seen of one provider, from the revocation on; the longest of each. */
interface MeasuredDelay {
  provider: string;
  keys: number;
  /** As the connector states it. */
  documentedMs: number;
  firstRejectedMs?: number;
  /** Absent where no key was accepted any more. */
  lastAcceptedMs?: number;
  /** Keys that were accepted at their second look. */
  aliveAgain: number;
}

function measuredDelays(certificates: readonly Certificate[]): MeasuredDelay[] {
  const asked = certificates.filter(({ looks }) => looks.some(({ probes }) => probes.length));
  const names = [...new Set(asked.map(({ address }) => address.provider))].sort();
  return names.map(provider => {
    const ofProvider = asked.filter(({ address }) => address.provider === provider);
    const longest = (name: 'firstRejectedAt' | 'lastAcceptedAt') => {
      const spans = ofProvider.map(deathTimes).flatMap(times => {
        const at = times[name];
        return at && times.revokedAt ? [Date.parse(at) - Date.parse(times.revokedAt)] : [];
      });
      return spans.length ? Math.max(...spans) : undefined;
    };
    const isAliveAgain = ({ looks }: Certificate) =>
      looks.some(({ look, finding }) => look === 'second' && finding === 'accepted');
    return {
      provider,
      keys: ofProvider.length,
      documentedMs: connectorFor(provider).propagation.revokeMs,
      firstRejectedMs: longest('firstRejectedAt'),
      lastAcceptedMs: longest('lastAcceptedAt'),
      aliveAgain: ofProvider.filter(isAliveAgain).length,
    };
  });
}

function delaysText(environment: string, rows: readonly MeasuredDelay[], width: number): string {
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : `${Math.round(ms / 100) / 10} s`);
  const shown = rows.map(row => [
    connectorFor(row.provider).title,
    String(row.keys),
    seconds(row.documentedMs),
    seconds(row.firstRejectedMs),
    seconds(row.lastAcceptedMs),
    String(row.aliveAgain),
  ]);
  const head = ['PROVIDER', 'KEYS', 'DOCUMENTED', 'FIRST REJECTED', 'LAST ACCEPTED', 'ALIVE AGAIN'];
  const total = rows.reduce((sum, { keys }) => sum + keys, 0);
  return [
    rows.length ? `${table(head, shown, width)}\n` : '',
    `${environment}: ${count(total, 'certificate')} with probes; times count from the revocation, the longest of each\n`,
  ].join('');
}
