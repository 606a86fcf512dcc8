import type { CfnResource } from 'aws-cdk-lib';

/**
 * Notes why grants are there that a normal day does not use; every other grant must be seen in use in the rehearsal.
 * @param reasons Sid -> reason
 */
export function noteUnusedGrants(resource: CfnResource, reasons: Record<string, string>): void {
  resource.addMetadata('keyturn', { unused: reasons });
}
