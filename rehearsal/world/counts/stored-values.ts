// A look inside the model's secrets that no caller has: for counting, and for the invariants.

import type { AwsModel } from '@keyturn/aws-model/model';
import type { Secret } from '@keyturn/aws-model/secrets-manager/secret';
import type { InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { connectorFor } from '../../../connectors/index';
import { parseSecretName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import type { Environment } from '../../../lib/config/config';
import type { FakeProviders } from '../../providers/fake-provider';

export interface LabelledValue {
  versionId: string;
  labels: readonly string[];
  /** `undefined` where the version is empty or holds the unissued placeholder. */
  value: SecretValue | undefined;
}

/** Every key that Keyturn keeps: no issuer credentials, and nothing that others put under such a name. */
export function keySecrets({ secretsManager, kms }: AwsModel): Secret[] {
  return secretsManager
    .secrets()
    .filter(
      ({ name, kmsKeyId }) =>
        kmsKeyId !== undefined && name.split('/').length === 5 && kms.find(kmsKeyId)?.arn === kmsKeyId,
    );
}

/** Read once: a secret that changes is another object. */
const known = new WeakMap<Secret, LabelledValue[]>();

export function labelledValues(secret: Secret): LabelledValue[] {
  const values = known.get(secret) ?? readLabelled(secret);
  known.set(secret, values);
  return values;
}

function readLabelled(secret: Secret): LabelledValue[] {
  return Object.entries(secret.labels)
    .filter(([, held]) => held.length > 0)
    .map(([versionId, held]) => ({ versionId, labels: held, value: storedValue(secret, versionId) }));
}

export function storedValue({ versions, name, type }: Secret, versionId: string): SecretValue | undefined {
  const content = versions[versionId]?.content;
  const text = content && 'SecretString' in content ? content.SecretString : undefined;
  return text ? parseStored(text, name, type) : undefined;
}

/** Of what AWS rotates, in the form of its partner. */
function parseStored(text: string, name: string, type: string | undefined): SecretValue | undefined {
  const form = type === undefined ? undefined : connectorFor(parseSecretName(name).provider).awsPartner;
  return parseSecretValue(text, name, form);
}

export function valueAt(secret: Secret, label: string): SecretValue | undefined {
  return labelledValues(secret).find(({ labels }) => labels.includes(label))?.value;
}

/** Every key that a secret has ever held, oldest first. */
export function storedValues({ versions, name, type }: Secret): { createdAt: Date; value: SecretValue }[] {
  return Object.values(versions)
    .flatMap(({ content, createdAt }) => {
      const value =
        content && 'SecretString' in content ? parseStored(content.SecretString, name, type) : undefined;
      return value ? [{ createdAt, value }] : [];
    })
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

/** Secrets that carry AWSCURRENT or AWSPREVIOUS now. */
export function labelledSecrets(model: AwsModel): string[] {
  const accepted = ['AWSCURRENT', 'AWSPREVIOUS'];
  return keySecrets(model)
    .flatMap(labelledValues)
    .flatMap(({ labels, value }) =>
      value && labels.some(label => accepted.includes(label)) ? value.secret : [],
    );
}

/** The key in a value that is about to be stored. */
export function secretToStore({ params }: InterceptedCall): string | undefined {
  if (typeof params.SecretString !== 'string') return undefined;
  try {
    const { secret } = JSON.parse(params.SecretString) as { secret?: unknown };
    return typeof secret === 'string' ? secret : undefined;
  } catch {
    return undefined;
  }
}

/** Of keys under any label, and of their providers' credentials. */
export function livingSecrets(model: AwsModel, providers: FakeProviders, { servers }: Environment): string[] {
  const keys = servers.flatMap(server => server.keys);
  return [
    ...keySecrets(model)
      .flatMap(labelledValues)
      .flatMap(({ value }) => value?.secret ?? []),
    ...keys.flatMap(({ address, spec }) =>
      Object.values(providers.dialect(address.provider).issuer(spec.settings)),
    ),
  ];
}
