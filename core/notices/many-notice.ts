// One message instead of one for each key, where something fails for many keys of a provider at once.
import { step } from '../text/step';
import { type Notice, runbookSection } from './notice';

/** What fails for many. */
export type ManyKind = 'rotations' | 'retirements' | 'deliveries';

interface ManyWords {
  begins(provider: string): string;
  over(provider: string): string;
  done: string;
  overDone: string;
  look(provider: string): string;
  section: string;
}

const providerIsDown = (provider: string) =>
  `See whether ${provider} is down, or refuses its issuer credential.`;

const words: Record<ManyKind, ManyWords> = {
  rotations: {
    begins: provider => `rotations of many keys of ${provider} fail; you are not notified of each one`,
    over: provider => `all keys of ${provider} rotate again`,
    done: 'Left the current keys as they are, so servers go on working. Tries again.',
    overDone: 'Rotated every key whose rotation had failed.',
    look: providerIsDown,
    section: 'rotation-failed',
  },
  retirements: {
    begins: provider =>
      `superseded keys of ${provider} cannot be revoked for many servers; you are not notified of each one`,
    over: provider => `superseded keys of ${provider} can be revoked again`,
    done: 'Tries again every hour. Servers are not affected.',
    overDone: 'Revoked every superseded key that could not be revoked before.',
    look: providerIsDown,
    section: 'retire-failed',
  },
  deliveries: {
    begins: provider =>
      `many keys of ${provider} do not reach their servers; you are not notified of each one`,
    over: provider => `all keys of ${provider} have reached their servers`,
    done: 'Keeps the previous keys for up to twice their overlap. Tries again every hour.',
    overDone: 'Delivered every key that could not be delivered before.',
    look: () => 'See in CloudTrail whether AWS refuses the deliver function its calls.',
    section: 'delivery-failed',
  },
};

const namedAtMost = 10;

/** @param members names of keys or servers that are known by now */
export function manyNotice(
  kind: ManyKind,
  environment: string,
  provider: string,
  members: readonly string[],
  isOver: boolean,
): Notice {
  const { begins, over, done, overDone, look, section } = words[kind];
  const common = {
    about: `keyturn/${environment}/many-${kind}/${provider}`,
    environment,
    keys: [],
    runbook: runbookSection(section),
    drill: false,
  };
  if (isOver) {
    const headline = over(provider);
    return { ...common, state: 'over', severity: 'info', headline, facts: [], done: [overDone], next: [] };
  }
  return {
    ...common,
    state: 'begins',
    severity: 'critical',
    headline: begins(provider),
    facts: [
      ['Provider', provider],
      ['By now', String(members.length)],
      ['Among them', members.slice(0, namedAtMost).join(', ')],
    ],
    done: [done],
    next: [
      step(look(provider)),
      step('See which keys it is about:', 'status', '--env', environment, '--provider', provider),
    ],
  };
}
