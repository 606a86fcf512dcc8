// Who can read a secret: the principals that its policy, its key's policy and their own policies let through, all together.
import {
  accountOf,
  bothVerdicts,
  couldCall,
  mayAllow,
  type Question,
  type ReadPolicy,
  type Subject,
  type Verdict,
} from '@keyturn/iam/audience';
import type { PossibleReader } from '../../../../core/audit/access';

type Principal = ReadPolicy['statements'][number]['principals'][number];

/** A secret as AWS shows it, without its value. */
export interface ShownSecret {
  arn: string;
  tags: Readonly<Record<string, string>>;
  /** Absent where it has none. */
  policy?: ReadPolicy;
}

export interface KeyGrant {
  grantee: string;
  operations: readonly string[];
  /** What the encryption context must be, or hold. */
  context: Readonly<Record<string, string>>;
}

/** The KMS key that the secrets are encrypted under. */
export interface ShownKey {
  arn: string;
  /** With a problem where nobody may see it. */
  policy: ReadPolicy;
  grants: readonly KeyGrant[];
}

const readAction = 'secretsmanager:GetSecretValue';
/** Of no account: whoever is of another one that nobody named. */
const anyone = 'arn:aws:iam::000000000000:role/anyone';
const everywhere = 'anyone in any account';

export function createAudiences(subjects: readonly Subject[], key: ShownKey, now: Date) {
  const [, partition = 'aws', , region = '', account = ''] = key.arn.split(':');
  const byArn = new Map(subjects.map(subject => [subject.arn, subject]));
  // Most roles have nothing to do with secrets.
  const allowed = subjects.filter(({ policies }) => policies.some(policy => mayAllow(policy, readAction)));
  const known = {
    'aws:requestedregion': region,
    'aws:currenttime': now.toISOString(),
    'aws:epochtime': String(Math.floor(now.getTime() / 1000)),
  };

  function readQuestion({ arn, tags, policy }: ShownSecret): Question {
    const ofTags = Object.entries(tags).flatMap(([tag, value]) => [
      [`aws:resourcetag/${tag.toLowerCase()}`, value],
      [`secretsmanager:resourcetag/${tag.toLowerCase()}`, value],
    ]);
    return {
      action: readAction,
      resource: arn,
      ...(policy && { resourcePolicy: policy }),
      context: { ...known, 'secretsmanager:secretid': arn, ...Object.fromEntries(ofTags) },
      knownPrefixes: ['aws:resourcetag/', 'secretsmanager:resourcetag/'],
    };
  }

  function decrypts(subject: Subject, { arn }: ShownSecret): Verdict {
    const grant = key.grants.find(each => covers(each, subject.arn, arn));
    if (grant) return { answer: 'yes', through: [`a grant of the KMS key to ${grant.grantee}`], depends: [] };
    return couldCall(subject, {
      action: 'kms:Decrypt',
      resource: key.arn,
      resourcePolicy: key.policy,
      resourceDecides: true,
      context: {
        ...known,
        'kms:calleraccount': accountOf(subject.arn),
        'kms:viaservice': `secretsmanager.${region}.amazonaws.com`,
        'kms:encryptioncontext:secretarn': arn,
        'kms:encryptioncontextkeys': ['SecretARN', 'SecretVersionId'],
      },
      knownPrefixes: [],
    });
  }

  /** Nobody where it is the account itself: its own policies let people in then. */
  function subjectsNamed({ kind, value }: Principal): Subject[] {
    if (kind === 'Service') return [{ arn: value, kind: 'service', policies: [] }];
    if (value === '*') return [outsideSubject(anyone)];
    const arn = /^\d{12}$/.test(value) ? `arn:${partition}:iam::${value}:root` : value;
    if (accountOf(arn) !== account) return [outsideSubject(arn)];
    if (arn.endsWith(':root')) return [];
    const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
    if (role !== undefined)
      return subjects.filter(each => each.kind === 'role' && each.arn.endsWith(`/${role}`));
    // IAM writes an id in place of somebody who is gone.
    return [byArn.get(arn) ?? unseenSubject(arn)].flatMap(subject => subject ?? []);
  }

  /** Everybody who may come into question, each once. */
  function candidates({ policy }: ShownSecret): Subject[] {
    const letIn = (policy?.statements ?? []).filter(({ effect }) => effect === 'Allow');
    const names = letIn.flatMap(({ principals }) => principals);
    const isForAll = names.some(({ value }) => value === '*');
    const named = names.flatMap(subjectsNamed);
    const ofOthers = letIn.flatMap(({ conditions }) =>
      conditions.flatMap(({ key: asked, values }) => {
        if (asked === 'aws:principalarn') return values;
        return asked === 'aws:principalaccount'
          ? values.map(value => `arn:${partition}:iam::${value}:role/anyone`)
          : [];
      }),
    );
    const others = ofOthers.filter(arn => accountOf(arn) !== account).map(outsideSubject);
    const all = [...(isForAll ? [...subjects, ...others] : allowed), ...named];
    return [...new Map(all.map(subject => [`${subject.kind} ${subject.arn}`, subject])).values()];
  }

  function readersOf(secret: ShownSecret, isExpected: (principal: string) => boolean): PossibleReader[] {
    const question = readQuestion(secret);
    const readers = new Map<string, PossibleReader>();
    for (const subject of candidates(secret)) {
      const asked = couldCall(subject, question);
      const { answer, through, depends } =
        asked.answer === 'no' ? asked : bothVerdicts(asked, decrypts(subject, secret));
      if (answer === 'no' || isExpected(subject.arn)) continue;
      const principal = shownPrincipal(subject, through, account);
      const isCertain = answer === 'yes';
      if (!isCertain && readers.get(principal)?.isCertain) continue;
      readers.set(principal, { principal, isCertain, through, depends });
    }
    return [...readers.values()];
  }

  return {
    /** Those whom nobody expects. */
    readersOf,
    /** What a role could read if the secret's own policy were not there. */
    byOwnPolicies(role: string, { arn, tags }: ShownSecret): Verdict {
      const subject = byArn.get(role);
      if (!subject) return { answer: 'no', through: [], depends: [] };
      return couldCall(subject, readQuestion({ arn, tags }));
    },
  };
}

/** Nobody counts all roles of an account who are let in as everyone is. */
function shownPrincipal({ arn, kind }: Subject, through: readonly string[], account: string): string {
  if (arn === anyone) return everywhere;
  if (kind === 'outside' || kind === 'service') return arn;
  return through.some(text => text.endsWith(', for everyone')) ? `everyone in the account ${account}` : arn;
}

function outsideSubject(arn: string): Subject {
  return { arn, kind: 'outside', policies: [] };
}

/** A role or user of the account that IAM did not tell of. */
function unseenSubject(arn: string): Subject | undefined {
  const [, kind] = /^arn:[^:]+:iam::\d{12}:(role|user)\//.exec(arn) ?? [];
  if (kind === 'role' || kind === 'user') return { arn, kind, policies: [] };
  return arn.startsWith('arn:') ? outsideSubject(arn) : undefined;
}

function covers({ grantee, operations, context }: KeyGrant, principal: string, secretArn: string): boolean {
  const { SecretARN = secretArn, SecretVersionId: _, ...others } = context;
  return (
    grantee === principal &&
    operations.includes('Decrypt') &&
    SecretARN === secretArn &&
    Object.keys(others).length === 0
  );
}
