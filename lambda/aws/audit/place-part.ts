// The part `place:<key>`: what the provider's list tells of one key, for whoever brings in a key that a person made.
import { emptyAnswer, type ListedThere, type PartAnswer } from '../../../core/audit/finding';
import { KeyturnError } from '../../../core/errors';
import { shortName } from '../../../core/key/key-address';
import { parseProviderKeyName, secretTag } from '../../../core/key/provider-key-name';
import type { ListedKey } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';
import { listKeys } from '../secrets/secret-store';
import { couldNotLook } from './not-looked';
import type { AuditRun } from './parts';

export async function lookAtPlace(run: AuditRun): Promise<PartAnswer> {
  const { about = '', environment, secretsManager, registry, keyId } = run;
  const { keys: states } = await listKeys(secretsManager, environment, registry);
  const state = states.find(({ address }) => shortName(address) === about);
  if (!state || keyId === undefined)
    throw new KeyturnError(
      'bad-event',
      `this function was not deployed with a key ${JSON.stringify(about.slice(0, 100))} in ${environment}; deploy keyturn-${environment} again`,
    );
  const what = `the list of keys beside ${about}`;
  try {
    const provider = await run.providerOf(state);
    if (!('list' in provider))
      return { ...emptyAnswer(), notCovered: [{ what, why: 'the provider keeps no list of keys' }] };
    const found = (await provider.list()).find(({ id }) => id === keyId);
    return { ...emptyAnswer(), listed: found ? listedThere(found, states) : { isListed: false } };
  } catch (error) {
    return { ...emptyAnswer(), notCovered: [couldNotLook(what, error)] };
  }
}

function listedThere({ name, scopes }: ListedKey, states: readonly SecretState[]): ListedThere {
  const named = parseProviderKeyName(name);
  const owner = named && states.find(({ arn }) => secretTag(arn) === named.secretTag);
  return {
    isListed: true,
    ...(scopes && { scopes }),
    ...(named && { madeFor: owner ? shortName(owner.address) : 'another environment' }),
  };
}
