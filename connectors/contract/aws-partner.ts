// Keys that AWS rotates by itself: managed external secrets of AWS Secrets Manager. Each partner has a form of values of its own,
// and Keyturn reads it as it stands: https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partners.html
import { KeyturnError } from '../../core/errors';
import { fingerprint } from '../../core/key/generated-secret';
import type { KeySpec } from '../../core/key/key-spec';
import type { StoredForm } from '../../core/key/secret-value';
import type { HandSteps } from '../../core/provider';

export interface AwsPartner extends StoredForm {
  /** What AWS calls such a secret: its `Type`. */
  readonly type: string;
  /** The field with the key. */
  readonly secret: string;
  /** Fields of a value -> whether it has to be there. */
  readonly fields: ReadonlyMap<string, boolean>;
  /** The same of what AWS is told of how it rotates. */
  readonly metadata: ReadonlyMap<string, boolean>;
  readonly steps: HandSteps;
  /** `by-id`: each rotation makes a key with an id of its own, by which the connector ends it. `by-hand`: a person ends it. */
  readonly ends: 'by-id' | 'by-hand';
  /** For how many days AWS makes a key, where it goes by the metadata or a default of its own. */
  keyDays?(metadata: Readonly<Record<string, string>>): number | undefined;
  /** What a server can do that reads such a value, where that is more than its key may: completes "its server could ...". */
  readonly givesServer?: string;
}

interface PartnerForm extends Omit<AwsPartner, 'read' | 'fields' | 'metadata'> {
  /** `passphrase?` may be left out. */
  readonly fields: readonly string[];
  /** In the same way. */
  readonly metadata: readonly string[];
  /** The field with its id. @default - its fingerprint */
  readonly keyId?: string;
}

function partsOf(names: readonly string[]): Map<string, boolean> {
  return new Map(names.map(name => [name.replace(/\?$/, ''), !name.endsWith('?')]));
}

export function awsPartner(provider: string, { secret, keyId = '', ...form }: PartnerForm): AwsPartner {
  const partner = { ...form, secret, fields: partsOf(form.fields), metadata: partsOf(form.metadata) };
  const needed = [...partner.fields].flatMap(([name, isNeeded]) => (isNeeded ? name : []));
  return {
    ...partner,
    read(stored, where, at = new Date(0)) {
      const texts = Object.fromEntries(
        Object.entries(stored).flatMap(([name, field]) =>
          ['string', 'number'].includes(typeof field) ? [[name, String(field)]] : [],
        ),
      );
      const missing = needed.find(name => !texts[name]);
      if (missing)
        throw new KeyturnError(
          'bad-secret',
          `the value of ${where} has no text in "${missing}", as AWS's ${partner.type} has; store a key with \`npx keyturn adopt\``,
        );
      const key = texts[secret] ?? '';
      return {
        ...texts,
        secret: key,
        keyId: texts[keyId] || fingerprint(key),
        provider,
        issuedAt: at.toISOString(),
      };
    },
  };
}

/** How others write the value of a key, where they do. */
export function formOf(
  { awsPartner }: { readonly awsPartner?: AwsPartner },
  spec: Pick<KeySpec, 'rotatedBy'> | undefined,
): AwsPartner | undefined {
  return spec?.rotatedBy === 'aws' ? awsPartner : undefined;
}
