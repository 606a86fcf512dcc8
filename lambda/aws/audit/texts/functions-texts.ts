import { type FunctionConfiguration, type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { WrittenText } from '../../../../core/audit/copies';
import type { WrittenTexts } from '../copies-part';
import { noTimeFor } from '../not-looked';
import { leavesOf } from './leaves';

/** Lambda shows no more in one answer. */
const functionsInOneCall = 50;

/** Variables, descriptions and commands of all functions, their published versions too: each keeps what it was published with. */
export async function readFunctions(lambda: LambdaClient, isTimeUp: () => boolean): Promise<WrittenTexts> {
  const texts: WrittenText[] = [];
  const hidden: string[] = [];
  let count = 0;
  let isWhole = true;
  const pages = paginateListFunctions(
    { client: lambda, pageSize: functionsInOneCall },
    { FunctionVersion: 'ALL' },
  );
  for await (const { Functions = [], NextMarker } of pages) {
    for (const shown of Functions) {
      count++;
      if (shown.Environment?.Error) hidden.push(nameOf(shown));
      texts.push(...textsOf(shown));
    }
    isWhole = !NextMarker;
    if (NextMarker && isTimeUp()) break;
  }
  return {
    texts,
    looked: { functions: count },
    notCovered: [
      ...(isWhole ? [] : [noTimeFor('further Lambda functions', count)]),
      ...(hidden.length
        ? [
            {
              what: `variables of ${hidden.length} Lambda functions: ${hidden.slice(0, 5).join(', ')}${hidden.length > 5 ? ', ...' : ''}`,
              why: 'they are encrypted under a KMS key that this function may not use',
            },
          ]
        : []),
    ],
  };
}

function textsOf(shown: FunctionConfiguration): WrittenText[] {
  const { Environment, Description, ImageConfigResponse } = shown;
  const holder = `the Lambda function ${nameOf(shown)}`;
  const isVersion = shown.Version !== undefined && shown.Version !== '$LATEST';
  const fix = isVersion
    ? `Delete the version: \`aws lambda delete-function --function-name ${shown.FunctionName} --qualifier ${shown.Version}\`.`
    : `Remove it from the configuration of ${shown.FunctionName}, and have the function read its key with Keyturn's client.`;
  const variables = Object.entries(Environment?.Variables ?? {}).flatMap(([name, text]) => [
    { field: `its variable ${name}`, text },
    // Somebody may have put it where a name belongs.
    { field: 'the name of a variable', text: name },
  ]);
  const others = leavesOf({ name: shown.FunctionName, Description, ImageConfigResponse }).map(
    ({ path, text }) => ({
      field: `its ${path}`,
      text,
    }),
  );
  return [...variables, ...others].map(written => ({ holder, fix, ...written }));
}

function nameOf({ FunctionName = '', Version = '$LATEST' }: FunctionConfiguration): string {
  return Version === '$LATEST' ? FunctionName : `${FunctionName}:${Version}`;
}
