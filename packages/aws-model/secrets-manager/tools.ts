import type { Random, Virtual } from '../clock/virtual';
import type { Functions } from '../lambda/functions';
import type { PartnerRotations } from './partners';
import type { Rotations } from './rotation';
import type { SecretAccess } from './secret-access';
import type { SecretRecords } from './secret-records';

/** What every operation of Secrets Manager works with. */
export interface SecretTools {
  virtual: Virtual;
  random: Random;
  records: SecretRecords;
  access: SecretAccess;
  rotations: Rotations;
  functions: Functions;
  partners: PartnerRotations;
  /** What moving a label to a version that does not exist answers: AWS does not document it. */
  unknownMoveTarget: 'ResourceNotFoundException' | 'InvalidParameterException';
}
