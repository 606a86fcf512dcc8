// Keys stand in public, and scanners report them: what is signed and is a key of ours is contained, and ends; whatever else is sent there
// does nothing, and nobody can tell one answer from another.
import { randomBytes } from 'node:crypto';
import type { UrlReply } from '@keyturn/aws-model/lambda/function-url';
import { generateSecret } from '../../../core/key/generated-secret';
import { secretName, shortName } from '../../../core/key/key-address';
import { hourMs, minuteMs } from '../../../core/time';
import { type Key, keysOf } from '../../../lib/config/config';
import { manyKeys } from '../../world/configs/many-keys';
import { keySecrets, labelledValues, valueAt } from '../../world/counts/stored-values';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { openScanners, type Scanners, type SentReport } from '../../world/scanners';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf } from '../parts/incidents';
import { all, automaticContainment, keysOfThreeReports, reportsOfLeaks } from '../parts/needs';
import type { Scenario } from '../scenario';

export interface LeakReportFindings {
  /** Signed, and about a key: who reported it, and how long until no provider accepted it any more. */
  contained: { reporter: string; key: string; deadAfterMs?: number }[];
  reported: number;
  /** Of them, keys that are dead. */
  dead: number;
  /** Forged, replayed, malformed, unknown, of another time: sent, and what they changed. */
  refused: number;
  startedByRefused: number;
  /** Different answers, among all that was sent while GitHub gave its public keys. */
  differentAnswers: number;
  /** While GitHub gave none: its sender is told to come again, and its report is taken then. */
  answerWithoutGithub: number;
  /** Of a report that came twice. */
  incidentsOfOneReport: number;
  problems: string[];
}

const place = 'https://github.com/octocat/Hello-World/blob/main/.env';
const settledMs = 10 * minuteMs;

export const leakReport: Scenario = {
  name: 'leak-report',
  about: 'keys are found in public, and scanners report them',
  days: 1,
  needs: all(reportsOfLeaks, automaticContainment, keysOfThreeReports),
  keys() {
    const made = manyKeys({
      count: 6,
      environment: 'prod',
      policy: 'prod',
      kinds: [
        purpose => ({ provider: 'self-issued', purpose }),
        purpose => ({ provider: 'resend', purpose }),
        purpose => ({ provider: 'openai', purpose, settings: { project: 'proj_bench' } }),
      ],
    });
    Object.assign(needed(made.environments.prod, 'prod'), {
      leakReports: { from: ['github', 'gitguardian', 'trufflehog'] },
    });
    return made;
  },
  holds(found) {
    const { reported, dead, startedByRefused, differentAnswers, answerWithoutGithub, incidentsOfOneReport } =
      found as unknown as LeakReportFindings;
    return (
      dead === reported &&
      startedByRefused === 0 &&
      differentAnswers === 1 &&
      answerWithoutGithub >= 500 &&
      incidentsOfOneReport === 1
    );
  },

  async play(context, end) {
    await makeFirstKeys(context);
    const scanners = await openScanners(context);
    Object.assign(context.findings, await reportLeaks(context, scanners));
    await context.world.clock.runUntil(end);
  },
};

async function reportLeaks(context: RehearsalContext, scanners: Scanners): Promise<LeakReportFindings> {
  const { clock } = context.world;
  const now = () => clock.now();
  const after = (ms: number) => clock.runUntil(new Date(now().getTime() + ms));
  const problems: string[] = [];
  const answers: UrlReply[] = [];
  const send = async (report: SentReport) => {
    const answer = await scanners.send(report);
    answers.push(answer);
    return answer;
  };
  const [first, second, third] = keysToLeak(context);
  const old = {
    github: secretOf(context, first),
    trufflehog: secretOf(context, second),
    gitguardian: secretOf(context, third),
  };

  // Nothing that is not both signed and a key of ours begins anything.
  const refused = await reportsToRefuse(scanners, old.github, now());
  const before = traceOf(context);
  for (const report of refused) await send(report);
  await after(settledMs);
  const startedByRefused = traceOf(context) - before;

  scanners.githubIsThere = true;
  const contained: LeakReportFindings['contained'] = [];
  const contain = async (reporter: string, key: Key, secret: string, report: SentReport) => {
    const began = now();
    await send(report);
    const name = shortName(key.address);
    context.ledger.tell('fault', `${name}: ${reporter} reports that it has found the key`, name);
    await after(settledMs);
    const dead = incidentsOf(context)
      .filter(({ address, outcome }) => shortName(address) === name && outcome === 'contained')
      .flatMap(({ steps }) => steps.filter(({ what }) => what === 'rejected'))
      .at(-1);
    if (!isDead(context, key, secret)) problems.push(`${name}: the key that ${reporter} reported lives on`);
    contained.push({
      reporter,
      key: name,
      ...(dead && { deadAfterMs: Date.parse(dead.at) - began.getTime() }),
    });
  };
  const github = scanners.github([
    { token: `unknown-${randomBytes(16).toString('hex')}` },
    // An address that holds the key must not bring it into a message.
    { token: old.github, url: `${place}?token=${encodeURIComponent(old.github)}` },
  ]);
  await contain('github', first, old.github, github);
  // The same again, at once and hours later.
  await send(github);
  await after(2 * hourMs);
  await send(github);
  await after(settledMs);
  const name = shortName(first.address);
  const incidentsOfOneReport = incidentsOf(context).filter(
    ({ address }) => shortName(address) === name,
  ).length;
  await contain('trufflehog', second, old.trufflehog, scanners.trufflehog(old.trufflehog, place));
  await contain(
    'gitguardian',
    third,
    old.gitguardian,
    await scanners.gitguardian(old.gitguardian, place, now()),
  );

  // Two hours on, its keys are asked for anew.
  scanners.githubIsThere = false;
  await after(2 * hourMs);
  const { status } = await scanners.send(scanners.github([{ token: generateSecret() }]));

  return {
    contained,
    reported: contained.length,
    dead: contained.length - problems.length,
    refused: refused.length,
    startedByRefused,
    differentAnswers: new Set(answers.map(answer => JSON.stringify(answer))).size,
    answerWithoutGithub: status,
    incidentsOfOneReport,
    problems,
  };
}

/** What an attacker can send who knows a live key, and has seen reports. */
async function reportsToRefuse(scanners: Scanners, live: string, now: Date): Promise<SentReport[]> {
  const signed = scanners.github([{ token: generateSecret(), url: place }]);
  const aboutLive = Buffer.from(signed.body.toString().replace(/"token":"[^"]*"/, `"token":"${live}"`));
  const guardian = await scanners.gitguardian(live, place, new Date(now.getTime() - hourMs));
  const { headers } = scanners.trufflehog(live, place);
  const malformed = Buffer.from('{"token":');
  return [
    // A good signature, over another body.
    { ...signed, body: aboutLive },
    { headers: { 'content-type': 'application/json' }, body: aboutLive },
    { headers: { ...signed.headers, 'Github-Public-Key-Identifier': '0'.repeat(64) }, body: aboutLive },
    { headers: { ...signed.headers, 'Github-Public-Key-Signature': 'bm8gc2lnbmF0dXJl' }, body: aboutLive },
    // Signed an hour ago, and sent now.
    guardian,
    { ...guardian, headers: { ...guardian.headers, timestamp: String(Math.floor(now.getTime() / 1000)) } },
    { headers: { ...headers, 'X-Hub-Signature': '0'.repeat(64) }, body: aboutLive },
    { ...signed, body: malformed },
    { headers: {}, body: Buffer.alloc(0) },
    { headers: {}, body: randomBytes(1_000) },
    // Signed, and no key of ours.
    signed,
    signed,
    scanners.github([]),
    scanners.trufflehog(generateSecret(), place),
    await scanners.gitguardian(generateSecret(), place, now),
  ];
}

function keysToLeak({ environment }: RehearsalContext): [Key, Key, Key] {
  const [first, second, third] = keysOf(environment);
  const why = 'three keys';
  return [needed(first, why), needed(second, why), needed(third, why)];
}

function secretOf({ world }: RehearsalContext, { address }: Key): string {
  const held = world.model.secretsManager.secret(secretName(address));
  return needed(valueAt(held, 'AWSCURRENT'), 'a current key').secret;
}

/** Not under any label, and not accepted by its provider. */
function isDead({ world }: RehearsalContext, { address }: Key, secret: string): boolean {
  const isHeld = keySecrets(world.model)
    .flatMap(labelledValues)
    .some(({ value }) => value?.secret === secret);
  const { providers } = world;
  const known = providers.account(address.provider).ownerOf(secret);
  const isAlive = providers.liveKeys(address.provider).some(key => key === known);
  return !isHeld && !isAlive;
}

/** How much was written down or told because of reports: any of it would have been begun by one. */
function traceOf(context: RehearsalContext): number {
  return incidentsOf(context).length + context.world.model.topics.inbox.length;
}
