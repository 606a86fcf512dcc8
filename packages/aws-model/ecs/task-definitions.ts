// Task definitions of ECS: each revision of a family stays as it was registered.
import * as z from 'zod';
import { arnIn, type Home } from '../shared/arn';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';
import type { Services } from './services';

export interface TaskDefinitions {
  service: Service;
  /** @param definition as RegisterTaskDefinition takes it, without the family @returns its ARN */
  register(
    family: string,
    definition: { containerDefinitions: readonly object[]; [field: string]: unknown },
  ): string;
  deregister(arn: string): void;
}

interface Revision {
  arn: string;
  family: string;
  revision: number;
  status: 'ACTIVE' | 'INACTIVE';
  definition: object;
}

const listInput = z.strictObject({
  status: z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE'),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
  maxResults: z.int().min(1).max(100).default(100),
  nextToken: z.string().optional(),
});

export function createTaskDefinitions({
  access,
  services,
  ...home
}: Home & { access: Access; services: Services }): TaskDefinitions {
  let revisions: Revision[] = [];

  return {
    service: {
      name: 'ecs',
      protocol: awsJson('1.1'),
      operations: {
        ...services.operations,
        ListTaskDefinitions: operation(listInput, ({ status, sort, maxResults, nextToken }, call) => {
          access.permit(call, { action: 'ecs:ListTaskDefinitions', resource: '*' });
          const found = revisions
            .filter(one => one.status === status)
            .sort((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
            .map(({ arn }) => arn);
          if (sort === 'DESC') found.reverse();
          const { items, next } = page(found, maxResults, nextToken);
          return { taskDefinitionArns: items, nextToken: next };
        }),
        DescribeTaskDefinition: operation(
          z.strictObject({ taskDefinition: z.string().min(1) }),
          ({ taskDefinition }, call) => {
            access.permit(call, { action: 'ecs:DescribeTaskDefinition', resource: '*' });
            const found = revisions.findLast(
              ({ arn, family, revision, status }) =>
                [arn, `${family}:${revision}`].includes(taskDefinition) ||
                (family === taskDefinition && status === 'ACTIVE'),
            );
            if (!found) throw new AwsError('ClientException', 'Unable to describe task definition.');
            const { arn, family, revision, status, definition } = found;
            return { taskDefinition: { taskDefinitionArn: arn, family, revision, status, ...definition } };
          },
        ),
      },
    },
    register(family, definition) {
      const revision = revisions.filter(one => one.family === family).length + 1;
      const arn = arnIn(home, 'ecs', `task-definition/${family}:${revision}`);
      revisions = [...revisions, { arn, family, revision, status: 'ACTIVE', definition }];
      return arn;
    },
    deregister(arn) {
      revisions = revisions.map(one => (one.arn === arn ? { ...one, status: 'INACTIVE' } : one));
    },
  };
}
