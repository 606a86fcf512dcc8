// What goes wrong at providers while it is set so: a provider that fails, a key that is refused, an answer that gets lost.
import { type FaultName, faults } from '../../bin/sandbox/requests';
import { secretName, shortName } from '../../core/key/key-address';
import type { Key } from '../../lib/config/config';
import type { WireReply } from '../providers/dialect';
import type { ProviderCall, ProviderFault } from '../providers/fake-provider';
import { valueAt } from '../world/counts/stored-values';
import type { RehearsalContext } from '../world/rehearsal-context';

/** What goes wrong now, for people. */
export interface OpenFault {
  text: string;
  until?: Date;
}

export interface ProviderFaults {
  /** @param until @default - until it is mended */
  breakProvider(provider: string, how: FaultName, until?: Date): void;
  /** From now on the provider refuses the key that is current now, as if it were dead, and has it nevertheless. */
  reject(key: Key): void;
  /** The provider carries the next call out that makes a key, and its answer gets lost. */
  loseNextKey(provider: string): void;
  /** @returns what is over now */
  mend(): OpenFault[];
  open(): OpenFault[];
}

const slowMs = 20_000;

const faultOf: Record<FaultName, ProviderFault> = {
  down: { kind: 'status', status: 503 },
  unreachable: { kind: 'drop-before' },
  slow: { kind: 'slow', ms: slowMs },
  'rate-limited': { kind: '429', retryAfterSeconds: 30 },
};

interface Entry extends OpenFault {
  provider: string;
  fault(call: ProviderCall): ProviderFault | undefined;
}

/** Takes over the faults of providers. */
export function createProviderFaults(context: RehearsalContext): ProviderFaults {
  const { clock, providers, model } = context.world;
  let entries: Entry[] = [];
  const open = () => {
    entries = entries.filter(({ until }) => !until || clock.now() < until);
    return entries;
  };
  const add = (entry: Entry) => {
    entries.push(entry);
    context.ledger.tell('fault', entry.text);
  };
  context.faults.ofProvider = call => {
    for (const entry of open()) {
      const fault = entry.provider === call.provider ? entry.fault(call) : undefined;
      if (fault) return fault;
    }
    return undefined;
  };
  return {
    breakProvider(provider, how, until) {
      entries = entries.filter(entry => entry.provider !== provider);
      add({
        provider,
        text: `${provider} ${faults[how]}`,
        ...(until && { until }),
        fault: () => faultOf[how],
      });
    },
    reject({ address }) {
      const { provider } = address;
      const current = valueAt(model.secretsManager.secret(secretName(address)), 'AWSCURRENT');
      const denial = denialOf(providers.dialect(provider).verifyAnswers);
      add({
        provider,
        text: `${provider} refuses ${shortName(address)}, although no one revoked it`,
        fault: () => ({
          kind: 'rewrite',
          change: reply => (reply.key && reply.key.secret === current?.secret ? denial : reply),
        }),
      });
    },
    loseNextKey(provider) {
      const entry: Entry = {
        provider,
        text: `${provider} creates the next key, and its response is lost`,
        fault({ kind }) {
          if (kind !== 'create' && kind !== 'install') return undefined;
          entries = entries.filter(other => other !== entry);
          return { kind: 'drop-after' };
        },
      };
      add(entry);
    },
    mend() {
      const mended = open();
      entries = [];
      for (const { text } of mended) context.ledger.tell('note', `fixed: ${text}`);
      return mended.map(factsOf);
    },
    open: () => open().map(factsOf),
  };
}

/** As this provider answers to a key that is dead. */
function denialOf(
  answers: readonly (readonly [unknown, means: string, reply: WireReply, unknown])[],
): WireReply {
  const [, , reply] = answers.find(([, means]) => means === 'rejected' || means === 'denied') ?? [];
  return reply ?? { status: 401 };
}

function factsOf({ text, until }: Entry): OpenFault {
  return { text, ...(until && { until }) };
}
