// What a sandbox does when it is asked to, and what it says about it.
import { findKey } from '../../bin/config/selection';
import type { RequestFor, SandboxAnswer, SandboxRequest } from '../../bin/sandbox/requests';
import { span, utc } from '../../bin/terminal/time-format';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { nearest } from '../../core/key/nearest';
import { dayMs } from '../../core/time';
import { type Key, keysOf, providersInUse, type Server } from '../../lib/config/config';
import { incidentsOf, mailOf } from '../scenarios/parts/incidents';
import { needed } from '../world/needed';
import { causeAlarm, loseRotation, steal } from './attacks';
import type { RunningAccount } from './running-account';

/** A sandbox, as far as requests are about it. */
export interface SandboxControl {
  readonly name: string;
  account(): RunningAccount;
  /** Starts the account anew, as it was when the sandbox began. */
  reset(): Promise<void>;
  /** Ends the sandbox when this answer is out. */
  stop(): void;
}

type Handlers = {
  [Act in SandboxRequest['act']]: (
    sandbox: SandboxControl,
    request: RequestFor<Act>,
  ) => Promise<SandboxAnswer> | SandboxAnswer;
};

export async function answer(sandbox: SandboxControl, request: SandboxRequest): Promise<SandboxAnswer> {
  return (handlers[request.act] as Handlers[SandboxRequest['act']])(sandbox, request as never);
}

const handlers: Handlers = {
  info: sandbox => {
    const facts = factsOf(sandbox);
    const faults = facts.faults.map(({ text, until }) => `  ${text}${until ? ` until ${until}` : ''}\n`);
    return {
      facts,
      text: `${facts.name}: ${facts.environment} with ${facts.keys} keys, ${facts.now} at ${facts.speed}x, ${facts.openIncidents} open incidents, ${facts.mails} mails since it began\n${faults.join('')}${facts.notModelled.map(text => `  not part of the sandbox: ${text}\n`).join('')}`,
    };
  },

  async steal(sandbox, request) {
    const { key, server, name } = keyOf(sandbox, request.key);
    const { context, learnedAt } = sandbox.account();
    await steal(context, server, key);
    const leftMs = learnedAt.getTime() - context.world.clock.now().getTime();
    const noted =
      leftMs > 0
        ? `Keyturn still learns from where its servers read, so it may take this place for the server's; let a week pass before a theft with \`npx keyturn sandbox advance ${Math.ceil(leftMs / dayMs)}d\``
        : 'CloudTrail shows it within minutes';
    return textAnswer(
      `a thief has read ${name} with the credentials of ${server.name}, and uses the key from another place; ${noted}`,
    );
  },

  break(sandbox, { provider, how, forMs }) {
    const { context, faults } = sandbox.account();
    const inUse: readonly string[] = providersInUse(context.environment);
    if (!inUse.includes(provider)) {
      const close = nearest(provider, inUse);
      throw new KeyturnError(
        'usage',
        `${context.environment.name} has no keys of "${provider}"; ${close ? `did you mean ${close}?` : `use one of ${inUse.join(', ')}`}`,
      );
    }
    const until = forMs === undefined ? undefined : new Date(context.world.clock.now().getTime() + forMs);
    faults.breakProvider(provider, how, until);
    return openFaults(sandbox);
  },

  reject(sandbox, request) {
    const { key } = keyOf(sandbox, request.key);
    sandbox.account().faults.reject(key);
    return openFaults(sandbox);
  },

  mend(sandbox) {
    const mended = sandbox
      .account()
      .faults.mend()
      .map(({ text }) => text);
    return textAnswer(
      mended.length ? mended.map(text => `over: ${text}`).join('\n') : 'nothing was wrong at any provider',
      { mended },
    );
  },

  async alarm(sandbox, { key: typed, signal }) {
    const { key } = keyOf(sandbox, typed);
    return textAnswer(await causeAlarm(sandbox.account().context, key, signal));
  },

  async 'lose-rotation'(sandbox, request) {
    const { key } = keyOf(sandbox, request.key);
    const { context, faults } = sandbox.account();
    return textAnswer(await loseRotation(context, key, faults));
  },

  mail(sandbox, { last }) {
    const all = mailsSinceBegin(sandbox.account());
    const shown = all.slice(-last);
    const text = shown.map(
      ({ at, subject, text }) =>
        `${utc(at)} UTC  ${subject ?? 'without a subject'}\n\n${text.replace(/^/gm, '  ').trimEnd()}\n`,
    );
    const rest = all.length - shown.length;
    return {
      text: `${text.join('\n')}${text.length ? '\n' : ''}on-call got ${all.length} mails since the sandbox began${rest ? `; --last ${all.length} shows all` : ''}\n`,
      facts: { mails: shown, total: all.length },
    };
  },

  async advance(sandbox, { ms }) {
    const { pace, context } = sandbox.account();
    await pace.advance(ms);
    const now = utc(context.world.clock.now());
    return textAnswer(`${span(ms)} have passed in the sandbox; it is ${now} UTC there`, { now });
  },

  speed(sandbox, { speed }) {
    sandbox.account().pace.setSpeed(speed);
    return textAnswer(`the sandbox runs at ${speed}x`, { speed });
  },

  async reset(sandbox) {
    await sandbox.reset();
    return textAnswer('the account is as it was at the start; your variables stay valid');
  },

  stop(sandbox) {
    sandbox.stop();
    return textAnswer(`the sandbox "${sandbox.name}" ends`);
  },
};

function textAnswer(text: string, facts: Record<string, unknown> = {}): SandboxAnswer {
  return { text: `${text}\n`, facts: { said: text, ...facts } };
}

function openFaults(sandbox: SandboxControl): SandboxAnswer {
  const { faults } = factsOf(sandbox);
  return textAnswer(
    faults.map(({ text, until }) => `now: ${text}${until ? ` until ${until} UTC` : ''}`).join('\n'),
    { faults },
  );
}

function factsOf(sandbox: SandboxControl) {
  const account = sandbox.account();
  const { context, pace, faults } = account;
  const { world, environment } = context;
  return {
    name: sandbox.name,
    environment: environment.name,
    keys: keysOf(environment).length,
    now: `${utc(world.clock.now())} UTC`,
    speed: pace.speed,
    openIncidents: incidentsOf(context).filter(({ status }) => status === 'open' || status === 'waiting')
      .length,
    mails: mailsSinceBegin(account).length,
    faults: faults.open().map(({ text, until }) => ({ text, ...(until && { until: utc(until) }) })),
    notModelled: [
      ...new Set([...world.model.violations.map(({ text }) => text), ...world.providers.violations]),
    ],
  };
}

/** Once each, however many mailboxes got it. */
function mailsSinceBegin({
  context,
  beganAt,
}: RunningAccount): { at: Date; subject?: string; text: string }[] {
  const mails = mailOf(context).filter(({ at }) => at >= beganAt);
  return mails.filter(
    ({ at, text }, n) => n === mails.findIndex(other => other.text === text && +other.at === +at),
  );
}

/** @throws {KeyturnError} usage, with what was most likely meant */
function keyOf(sandbox: SandboxControl, typed: string): { key: Key; server: Server; name: string } {
  const { environment } = sandbox.account().context;
  const key = findKey(environment, typed);
  const server = needed(
    environment.servers.find(({ name }) => name === key.address.server),
    'a server of this key',
  );
  return { key, server, name: shortName(key.address) };
}
