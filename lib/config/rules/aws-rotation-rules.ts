// Keys that AWS rotates: what its partners' pages ask for, so that AWS refuses nothing at a deploy.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partners.html

import { awsRotationRoleName, roleNameMaxLength } from '../aws/names';
import type { Environment, Server } from '../config';
import { quoted, suggestion } from '../problems/problem';
import { providers } from '../providers';
import type { KindRule } from './config-rules';

const partners = () =>
  Object.entries(providers).flatMap(([name, { awsPartner }]) => (awsPartner ? name : []));

const isPartner: KindRule = ({ spec }, { awsPartner, provider }) =>
  spec.rotatedBy && !awsPartner
    ? `rotatedBy ${quoted(spec.rotatedBy)} has no effect for ${provider}: AWS does not rotate its keys, or stores them in a form that Keyturn does not know; leave it out, or use ${suggestion(provider, partners())}`
    : undefined;

const nothingToTell: KindRule = ({ spec, rotationMetadata }) =>
  rotationMetadata && !spec.rotatedBy
    ? `rotationMetadata ${quoted(rotationMetadata)} is for AWS, which does not rotate this key; add rotatedBy: 'aws', or leave it out`
    : undefined;

const metadataIsKnown: KindRule = ({ spec, rotationMetadata = {} }, { awsPartner }) => {
  if (!spec.rotatedBy || !awsPartner) return undefined;
  const known = awsPartner.metadata;
  const unknownField = Object.keys(rotationMetadata).find(name => !known.has(name));
  if (unknownField !== undefined)
    return `rotationMetadata.${unknownField} is not a field of AWS's ${awsPartner.type}; use ${suggestion(unknownField, [...known.keys()])}`;
  const missing = [...known].find(([name, isNeeded]) => isNeeded && rotationMetadata[name] === undefined);
  return (
    missing && `rotationMetadata has no ${missing[0]}, which AWS needs to rotate a ${awsPartner.type}; add it`
  );
};

const adminIsSecret: KindRule = ({ rotationMetadata: { adminSecretArn } = {} }) =>
  adminSecretArn === undefined ||
  /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]+-\w{6}$/.test(adminSecretArn)
    ? undefined
    : `rotationMetadata.adminSecretArn ${quoted(adminSecretArn)} is not the full ARN of a secret; copy it from Secrets Manager, with the six characters at its end`;

const keyOutlivesRotation: KindRule = ({ spec, rotationMetadata = {} }, { awsPartner, title }) => {
  const days = spec.rotatedBy && awsPartner?.keyDays?.(rotationMetadata);
  if (days === undefined || days > spec.maxGapDays) return undefined;
  const name = [...(awsPartner?.metadata.keys() ?? [])].find(each => /days/i.test(each));
  return `rotateEvery leaves a key for ${spec.maxGapDays} days, and AWS makes keys of ${title} for ${days}; set rotationMetadata.${name} to more, in quotes, or rotate more often`;
};

const serverGetsNoMore: KindRule = ({ spec, reason }, { awsPartner }) =>
  spec.rotatedBy && awsPartner?.givesServer && !reason
    ? `rotatedBy ${quoted(spec.rotatedBy)} stores the value in the form of AWS's ${awsPartner.type}, so its server could ${awsPartner.givesServer}; say why in "reason", or let Keyturn rotate it`
    : undefined;

export const awsRotationRules: readonly KindRule[] = [
  isPartner,
  nothingToTell,
  metadataIsKnown,
  adminIsSecret,
  keyOutlivesRotation,
  serverGetsNoMore,
];

/** IAM's limit on names of roles. */
export function longRotationRole(
  environment: Pick<Environment, 'name'>,
  server: Pick<Server, 'name'>,
): string | undefined {
  const role = awsRotationRoleName(environment.name, server.name);
  const tooMany = role.length - roleNameMaxLength;
  return tooMany > 0
    ? `rotatedBy "aws" needs the role ${role}, whose name is ${tooMany} characters too long for IAM; shorten the name of the server or the environment`
    : undefined;
}
