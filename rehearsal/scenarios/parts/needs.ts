// What an environment has to have for a scenario to show what it is about. Each of these says what is missing and what to write.
import { connectorFor } from '../../../connectors/index';
import { limits } from '../../../core/incident/breaker';
import { scanners } from '../../../core/leaks/leak-report';
import { type Environment, federationsOf, keysOf, replicaRegions } from '../../../lib/config/config';
import { leakableKey } from '../../servers/leakable-key';

/** @returns what is missing, as half a sentence; nothing where the environment has it */
export type Need = (environment: Environment) => string | undefined;

/** @returns the first that is missing */
export const all =
  (...needs: Need[]): Need =>
  environment =>
    needs.reduce<string | undefined>((lack, need) => lack ?? need(environment), undefined);

export const aTrail: Need = ({ trail }) =>
  trail
    ? undefined
    : "it has no trail, so no one notices who reads a secret; write `trail: 'exists'` or `trail: 'create'`";

export const replicas: Need = environment =>
  replicaRegions(environment).length
    ? undefined
    : "none of its servers reads keys in another region; write `replicas: { prod: ['us-east-1'] }` for one";

export const aFederation: Need = environment =>
  federationsOf(environment).length
    ? undefined
    : 'none of its servers reaches a provider as its AWS role; write `federate` in place of `settings` for one (docs/federation.md)';

export const aServiceThatIsDeliveredTo: Need = environment =>
  keysOf(environment).some(({ spec }) => spec.deliverTo?.some(({ to }) => to === 'ecs'))
    ? undefined
    : "none of its keys is delivered to ECS; write `deliverTo: { prod: [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }] }` for a server";

export const automaticContainment: Need = ({ containment }) =>
  containment === 'tell' ? "alarms only notify people there; leave out `containment: 'tell'`" : undefined;

export const aLeakableKey: Need = environment =>
  leakableKey(environment)
    ? undefined
    : "it has no key of tier high at a provider that makes keys; write `tier: 'high'` for one";

export const aHighTierKey: Need = environment =>
  keysOf(environment).some(({ spec }) => spec.tier === 'high')
    ? undefined
    : "it has no key of tier high; write `tier: 'high'` for one";

export const aKeyOfItsProvider: Need = environment =>
  keysOf(environment).some(({ address }) => connectorFor(address.provider).kind === 'issue')
    ? undefined
    : 'it has no key at a provider that makes keys; add one';

export const businessHours: Need = ({ businessHours }) =>
  businessHours ? undefined : 'it has no `businessHours`, so no use is outside them; write them';

/** A theft that is noticed, and whose key is replaced and ended with nobody's help. */
export const aTheftThatIsNoticed = all(aTrail, automaticContainment, aLeakableKey);

/** More keys than the breaker lets through. */
export const moreKeysThanTheBreakerLetsThrough: Need = environment => {
  const count = keysOf(environment).filter(
    ({ address }) => connectorFor(address.provider).kind !== 'self-issued',
  ).length;
  const { server, environment: most } = limits.metrics;
  const least = Math.min(server, most) + 1;
  return count < least
    ? `it takes ${least} keys at providers to trip the breaker, and it has ${count}; add some`
    : undefined;
};

export const reportsOfLeaks: Need = ({ leakReports }) =>
  scanners.every(scanner => leakReports?.from.includes(scanner))
    ? undefined
    : `it does not take reports of all scanners; write \`leakReports: { from: ['${scanners.join("', '")}'] }\``;

export const keysOfThreeReports: Need = environment =>
  keysOf(environment).length < 3 ? 'it takes three keys, one for each scanner; add some' : undefined;
