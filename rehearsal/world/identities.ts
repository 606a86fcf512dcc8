// Who calls: every role gets an access key of its own, by which the AWS model knows it again.
import type { Caller } from '@keyturn/iam/request';

/** As environment variables. */
export interface RoleCredentials extends Record<string, string> {
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  AWS_SESSION_TOKEN: string;
}

export class Identities {
  private readonly callers = new Map<string, Caller>();

  constructor(private readonly account: string) {}

  /**
   * Credentials of a role's session, as environment variables.
   * @param roleArn or the role's name
   * @param sourceIp where its calls come from. @default - from within AWS
   */
  credentials(roleArn: string, sessionName: string, sourceIp?: string): RoleCredentials {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const accessKeyId = `ASIA${Buffer.from(`${role}/${sessionName}`).toString('hex').toUpperCase()}`;
    const arn = `arn:aws:sts::${this.account}:assumed-role/${role}/${sessionName}`;
    this.callers.set(accessKeyId, {
      arn,
      kind: 'role',
      sessionName,
      ...(roleArn.startsWith('arn:') && { roleArn }),
      ...(sourceIp && { sourceIp }),
    });
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'not-checked',
      AWS_SESSION_TOKEN: 'not-checked',
    };
  }

  identify = (accessKeyId: string): Caller | undefined => this.callers.get(accessKeyId);
}
