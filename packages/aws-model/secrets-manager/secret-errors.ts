// The texts with which Secrets Manager was recorded to refuse. Code that reads them meets them here.
import { AwsError } from '../wire/aws-error';

export const secretNotFound = () =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

export const noValueAtStage = (stage: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
  );

export const noValueAtVersion = (versionId: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for VersionId: ${versionId}`,
  );

export const stageNotOnVersion = () =>
  new AwsError(
    'InvalidRequestException',
    'You provided a VersionStage that is not associated to the provided VersionId.',
  );

export const markedForDeletion = () =>
  new AwsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export const nameScheduledForDeletion = () =>
  new AwsError(
    'InvalidRequestException',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );

export const nameTaken = (name: string) =>
  new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);

export const tokenTaken = (token: string, arn: string) =>
  new AwsError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const tokenMissing = (code: 'InvalidRequestException' | 'InvalidParameterException') =>
  new AwsError(code, 'You must provide a ClientRequestToken value. We recommend a UUID-type value.');

/** In words of our own: which ones AWS has is not recorded. */
export const stillReplicated = (name: string, replicas: readonly { region: string }[]) =>
  new AwsError(
    'InvalidParameterException',
    `You can't delete secret ${name} that still has replica regions [${replicas.map(({ region }) => region).join(', ')}]`,
  );

export const badName = () =>
  new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );

export const noRotationFunction = () =>
  new AwsError('InvalidRequestException', 'No Lambda rotation function ARN is associated with this secret.');

export const cannotInvoke = () =>
  new AwsError(
    'AccessDeniedException',
    'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
  );

export const rotationIncomplete = () =>
  new AwsError(
    'InvalidRequestException',
    "A previous rotation isn't complete. That rotation will be reattempted.",
  );
