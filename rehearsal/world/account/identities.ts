// Who calls: every role gets an access key of its own, by which the AWS model knows it again.

import { createHmac } from 'node:crypto';
import { assumedRoleArn, type Home } from '@keyturn/aws-model/shared/arn';
import type { Caller } from '@keyturn/iam/request';

/** As environment variables. */
export interface RoleCredentials extends Record<string, string> {
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  AWS_SESSION_TOKEN: string;
}

export class Identities {
  private readonly callers = new Map<string, Caller>();

  /** @param seed what the credentials are made from; a chance one, where others must not guess them. @default - the same in every run */
  constructor(
    private readonly home: Home,
    private readonly seed = 'rehearsal',
  ) {}

  /**
   * Credentials of a role's session, as environment variables. They look like real ones, and are worth nothing anywhere else.
   * @param roleArn or the role's name
   * @param sourceIp where its calls come from. @default - from within AWS
   */
  credentials(roleArn: string, sessionName: string, sourceIp?: string): RoleCredentials {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const account = (roleArn.startsWith('arn:') && roleArn.split(':')[4]) || this.home.account;
    const who = `${account === this.home.account ? '' : `${account}/`}${role}/${sessionName}`;
    const made = (part: string) => createHmac('sha512', this.seed).update(`${part} ${who}`).digest();
    const accessKeyId = `ASIA${[...made('id')].map(inBase32).join('').slice(0, 16)}`;
    const arn = assumedRoleArn({ ...this.home, account }, role, sessionName);
    this.callers.set(accessKeyId, {
      arn,
      kind: 'role',
      sessionName,
      ...(roleArn.startsWith('arn:') && { roleArn }),
      ...(sourceIp && { sourceIp }),
    });
    return {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: made('secret').toString('base64').slice(0, 40),
      AWS_SESSION_TOKEN: `FwoGZXIvYXdzE${Buffer.concat(['a', 'b', 'c', 'd'].map(made)).toString('base64')}`,
    };
  }

  identify = (accessKeyId: string): Caller | undefined => this.callers.get(accessKeyId);
}

/** As AWS writes them in access key ids. */
function inBase32(byte: number): string {
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte & 31);
}
