// Where servers run that keys are delivered to, as their teams have them: they are there before Keyturn delivers anything.
import { secretName } from '../../../core/key/key-address';
import { type Environment, type Key, keysOf } from '../../../lib/config/config';
import { type DeliveryTarget, targetOf } from '../../../targets/targets';
import { type OutsidePlaces, openOutsidePlaces } from '../../places/outside-places';
import type { World } from '../world';

/** @returns those outside AWS */
export function addDeliveryPlaces({ model, providers }: World, environment: Environment): OutsidePlaces {
  const outside = openOutsidePlaces();
  for (const place of [outside.github, outside.workers]) providers.host(place);
  const keys = keysOf(environment);
  const places = new Map(keys.flatMap(placesOf).map(place => [idOf(place), place]));
  for (const [id, place] of places) {
    const delivered = keys.filter(key => placesOf(key).some(each => idOf(each) === id));
    if (place.to === 'ecs') addService(model, place, delivered);
    const [roleArn = ''] = delivered.flatMap(({ spec }) => spec.readBy ?? []);
    if (place.to === 'lambda') {
      const { function: name, alias } = place;
      model.configuredFunctions.create({ name, roleArn, ...(alias && { alias }) });
    }
    if (place.to === 'agentcore-runtime') model.agentCore.putRuntime({ id: place.runtime, roleArn });
    if (place.to === 'agentcore-identity') {
      const [arn = ''] = delivered.map(({ address }) => model.secretsManager.secret(secretName(address)).arn);
      model.agentCore.putCredentialProvider({
        name: place.credentialProvider,
        secret: { arn, jsonKey: 'secret' },
      });
    }
    if (place.to === 'github-actions') outside.github.add(place.repository, place.environment);
    if (place.to === 'cloudflare-worker') outside.workers.add(place.account, place.worker);
  }
  return outside;
}

function addService(
  { ecsServices, secretsManager, taskDefinitions }: World['model'],
  { cluster, service: name }: Extract<DeliveryTarget, { to: 'ecs' }>,
  delivered: readonly Key[],
): void {
  const secrets = delivered.map(({ address }) => ({
    name: address.purpose,
    valueFrom: `${secretsManager.secret(secretName(address)).arn}:secret::`,
  }));
  const taskDefinition = taskDefinitions.register(name, {
    executionRoleArn: delivered[0]?.spec.readBy,
    containerDefinitions: [{ name, image: 'bot:1', secrets }],
  });
  ecsServices.create({ cluster, name, taskDefinition, desiredCount: 1 });
}

/** What a configuration says has one of these shapes. */
const placesOf = ({ spec }: Key) => (spec.deliverTo ?? []) as readonly DeliveryTarget[];
const idOf = (place: DeliveryTarget) => targetOf(place).idOf(place);
