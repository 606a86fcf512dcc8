// What people are told of a key that does not reach the place where its server runs.
import type { Delivery } from '../delivery/delivery';
import { startsAtMost } from '../delivery/delivery';
import { type KeyAddress, shortName } from '../key/key-address';
import { step } from '../text/step';
import { type Notice, runbookSection } from './notice';

export interface DeliveryNews {
  address: KeyAddress;
  /** Id of the place, and what people call it. */
  place: { id: string; title: string };
  /**
   * - `troubled`: the current key is not there. `steady`: it is. `gone`: it is no longer to be there.
   */
  state: 'troubled' | 'steady' | 'gone';
  /** Of `troubled`. One sentence without a full stop. */
  why?: string;
  /** As it is known. */
  delivery?: Delivery;
}

export function deliveryNotice({ address, place, state, why, delivery }: DeliveryNews): Notice {
  const key = shortName(address);
  const { environment, server } = address;
  const common = {
    about: `keyturn/${key}/delivery/${place.id}`.slice(0, 255),
    environment,
    keys: [key],
    runbook: runbookSection('delivery-failed'),
    drill: false,
  };
  if (state !== 'troubled')
    return {
      ...common,
      state: 'over',
      severity: 'info',
      headline:
        state === 'steady'
          ? `the current key of ${key} is delivered to ${place.title}`
          : `${key} is no longer delivered to ${place.title}`,
      facts: [],
      done: [
        state === 'steady'
          ? 'Saw the place steady with the current key. The previous key is revoked after its overlap.'
          : 'Saw that the configuration no longer names the place.',
      ],
      next: [],
    };
  return {
    ...common,
    state: 'begins',
    severity: 'warning',
    headline: `the current key of ${key} could not be delivered to ${place.title}`,
    facts: [
      ['Key', key],
      ['Server', server],
      ['Place', place.title],
      ...(why ? ([['What happened', why]] as const) : []),
      ...(delivery ? ([['Version', delivery.versionId]] as const) : []),
    ],
    done: [doneOf(delivery), holdsOld],
    next: [
      step('Look at the place itself, and fix what the line above says.'),
      step('Then deliver the key again:', 'deliver', key),
      step('If the server cannot work with the new key, go back to the previous one:', 'rollback', key),
    ],
  };
}

const holdsOld =
  'Keeps the previous key, which the server may still use, for up to twice its overlap. A compromised key is revoked all the same.';

function doneOf(delivery: Delivery | undefined): string {
  if (delivery?.at === 'failed' && delivery.starts >= startsAtMost)
    return `Tried ${delivery.starts} times, and tries no more by itself until the key rotates again.`;
  return delivery?.at === 'under-way' ? 'Checks again every hour.' : 'Tries again every hour.';
}
