// Who gets the messages for on-call. Only a subscription that its owner has confirmed counts, and only one that a message reaches
// people by: a mail scanner that follows every link can end one, and nobody notices until it matters.

/** As SNS lists it. */
export interface Subscription {
  protocol: string;
  endpoint: string;
  /** `PendingConfirmation` or `Deleted` where there is none. */
  arn: string;
  isRaw?: boolean;
  /** It gets only some messages. */
  isFiltered?: boolean;
}

export interface Listener {
  protocol: string;
  /** Of a web hook only where it is: the rest may be a secret. */
  endpoint: string;
  /**
   * - `confirmed`: SNS sends every message there. `limited`: it gets some, or not in a form that people can read.
   * - `pending`: its owner has not confirmed. `gone`: it was unsubscribed, or never made.
   */
  state: 'confirmed' | 'limited' | 'pending' | 'gone';
  /** What is not as it should be, and what to do; absent where all is well. */
  problem?: string;
}

/** Mailboxes that the configuration names: each must be there. */
export interface NamedMailboxes {
  emails: readonly string[];
  /** They get what is about keys of their team, and are to have a filter. @default - none */
  ofTeams?: readonly string[];
}

export function listenersOf(
  subscriptions: readonly Subscription[],
  { emails, ofTeams = [] }: NamedMailboxes,
): Listener[] {
  const isMail = (email: string) => (one: Subscription) =>
    one.protocol === 'email' && one.endpoint.toLowerCase() === email.toLowerCase();
  const missing = [...emails, ...ofTeams].filter(email => !subscriptions.some(isMail(email)));
  return [
    ...subscriptions.map(one => {
      // Whether it has its filter, not everybody may ask: it tells nobody but its team in any case.
      const isOfTeam = ofTeams.some(email => isMail(email)(one));
      const listener = listenerOf(isOfTeam ? { ...one, isFiltered: false } : one);
      return isOfTeam && listener.state === 'confirmed'
        ? { ...listener, state: 'limited' as const }
        : listener;
    }),
    ...missing.map(endpoint => ({
      protocol: 'email',
      endpoint,
      state: 'gone' as const,
      problem: `is no longer subscribed: someone, or a scanner of its mail, followed the link to unsubscribe; ${subscribeAgain}`,
    })),
  ];
}

const subscribeAgain =
  'subscribe it again in the SNS console, confirm the e-mail, and keep mail scanners from following links from no-reply@sns.amazonaws.com';

/** Services that people or their tools are behind; a copy in a bucket tells nobody. */
const reaching = ['email', 'email-json', 'https', 'http', 'sqs', 'lambda'];

/** True where at least one gets every message. */
export function reachesPeople(listeners: readonly Listener[]): boolean {
  return listeners.some(({ state }) => state === 'confirmed');
}

function listenerOf(subscription: Subscription): Listener {
  const { protocol, arn, endpoint } = subscription;
  const shown = { protocol, endpoint: shownEndpoint(protocol, endpoint) };
  if (arn === 'PendingConfirmation') {
    const problem =
      'has not confirmed its subscription, and gets nothing; follow the link in the e-mail from AWS';
    return { ...shown, state: 'pending', problem };
  }
  if (!arn.startsWith('arn:')) {
    return { ...shown, state: 'gone', problem: `was unsubscribed; ${subscribeAgain}` };
  }
  const problem = problemOf(subscription);
  if (!reaching.includes(protocol) || subscription.isFiltered)
    return { ...shown, state: 'limited', ...(problem && { problem }) };
  return { ...shown, state: 'confirmed', ...(problem && { problem }) };
}

function problemOf({ protocol, isRaw, isFiltered }: Subscription): string | undefined {
  if (isFiltered) return 'gets only the messages that its filter policy lets through; remove the policy';
  if (protocol === 'http') return 'gets messages unencrypted; subscribe it with https';
  if (protocol === 'email-json') return 'gets JSON, which is hard to read in a mail; subscribe it with email';
  if (protocol === 'https' && isRaw)
    return 'gets messages raw, without the signature of SNS, so that it cannot tell who sent them';
  if (reaching.includes(protocol)) return undefined;
  return `gets JSON by ${protocol}, which no one can read there; subscribe with email, https, sqs or lambda`;
}

function shownEndpoint(protocol: string, endpoint: string): string {
  if (protocol !== 'https' && protocol !== 'http') return endpoint;
  return URL.canParse(endpoint) ? `${new URL(endpoint).origin}/...` : 'a webhook';
}
