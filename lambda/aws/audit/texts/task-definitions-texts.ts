import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import { createSlots } from '../../../../connectors/http/slots';
import type { WrittenText } from '../../../../core/audit/copies';
import type { NotCovered } from '../../../../core/audit/finding';
import type { WrittenTexts } from '../copies-part';
import { couldNotLook, noTimeFor } from '../not-looked';
import { leavesOf } from './leaves';

/** ECS refills ten a second and more. */
const asksAtOnce = 5;

/** All active revisions, the newest of each family first: each keeps what it was registered with. */
export async function readTaskDefinitions(ecs: ECSClient, isTimeUp: () => boolean): Promise<WrittenTexts> {
  const notCovered: NotCovered[] = [
    { what: 'deregistered task definitions of ECS', why: 'only active ones are looked at' },
  ];
  const arns: string[] = [];
  const pages = paginateListTaskDefinitions(
    { client: ecs, pageSize: 100 },
    { status: 'ACTIVE', sort: 'DESC' },
  );
  for await (const { taskDefinitionArns = [], nextToken } of pages) {
    arns.push(...taskDefinitionArns);
    if (!nextToken || !isTimeUp()) continue;
    notCovered.push(noTimeFor('further task definitions of ECS', arns.length));
    break;
  }
  const slots = createSlots(asksAtOnce);
  let looked = 0;
  let late = 0;
  const read = async (taskDefinition: string): Promise<WrittenText[]> => {
    if (isTimeUp()) {
      late++;
      return [];
    }
    try {
      const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      looked++;
      return textsOf(taskDefinition, described.taskDefinition);
    } catch (error) {
      notCovered.push(couldNotLook(shownName(taskDefinition), error));
      return [];
    }
  };
  const texts = await Promise.all(newestFirst(arns).map(arn => slots.run(() => read(arn))));
  if (late) notCovered.push(noTimeFor(`${late} older revisions of task definitions of ECS`, looked));
  return { texts: texts.flat(), notCovered, looked: { 'task definitions': looked } };
}

/** @param arns each family from its newest to its oldest revision */
function newestFirst(arns: readonly string[]): string[] {
  const seen = new Map<string, number>();
  const ranked = arns.map(arn => {
    const family = arn.slice(0, arn.lastIndexOf(':'));
    const rank = seen.get(family) ?? 0;
    seen.set(family, rank + 1);
    return { arn, rank };
  });
  return ranked.sort((one, other) => one.rank - other.rank).map(({ arn }) => arn);
}

/** `the ECS task definition web:7` */
function shownName(arn: string): string {
  return `the ECS task definition ${arn.slice(arn.lastIndexOf('/') + 1)}`;
}

function textsOf(arn: string, definition: object | undefined): WrittenText[] {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const holder = shownName(arn);
  const fix = `Register a revision of ${name.split(':')[0]} that reads the key with Keyturn's client, move its services to it, then run \`aws ecs deregister-task-definition --task-definition ${name}\`.`;
  return leavesOf(definition).map(({ path, text }) => ({ holder, field: path, text, fix }));
}
