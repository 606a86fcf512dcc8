import { GetParametersCommand, paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm';
import type { WrittenText } from '../../../../core/audit/copies';
import type { NotCovered } from '../../../../core/audit/finding';
import type { WrittenTexts } from '../copies-part';
import { couldNotLook, noTimeFor } from '../not-looked';

/** Systems Manager takes no more. */
const describedInOneCall = 50;
const readInOneCall = 10;

/** String and StringList parameters, and what is said about them and SecureString ones. */
export async function readParameters(ssm: SSMClient, isTimeUp: () => boolean): Promise<WrittenTexts> {
  const { names, secure, ...described } = await describeParameters(ssm, isTimeUp);
  const values = await readValues(ssm, names, isTimeUp);
  const notCovered = [...described.notCovered, ...values.notCovered];
  if (secure)
    notCovered.push({
      what: `${secure} SecureString parameters`,
      why: 'they are encrypted, and this audit decrypts none',
    });
  return {
    texts: [...described.texts, ...values.texts],
    notCovered,
    looked: { parameters: values.read },
  };
}

async function describeParameters(ssm: SSMClient, isTimeUp: () => boolean) {
  const texts: WrittenText[] = [];
  const notCovered: NotCovered[] = [];
  /** Of those whose values can be read. */
  const names: string[] = [];
  let secure = 0;
  const pages = paginateDescribeParameters({ client: ssm, pageSize: describedInOneCall }, {});
  for await (const { Parameters = [], NextToken } of pages) {
    for (const { Name = '', Type, Description } of Parameters) {
      texts.push(textIn(Name, 'its name', Name));
      if (Description) texts.push(textIn(Name, 'its description', Description));
      if (Type === 'SecureString') secure++;
      else names.push(Name);
    }
    if (!NextToken || !isTimeUp()) continue;
    notCovered.push(noTimeFor('further parameters of Systems Manager', names.length + secure));
    break;
  }
  return { texts, notCovered, names, secure };
}

async function readValues(ssm: SSMClient, names: readonly string[], isTimeUp: () => boolean) {
  const texts: WrittenText[] = [];
  const notCovered: NotCovered[] = [];
  let read = 0;
  for (let first = 0; first < names.length; first += readInOneCall) {
    const Names = names.slice(first, first + readInOneCall);
    if (isTimeUp()) {
      notCovered.push(noTimeFor(`${names.length - first} String parameters`, first));
      break;
    }
    try {
      const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names }));
      read += Parameters.length;
      for (const { Name = '', Value = '' } of Parameters) texts.push(textIn(Name, 'its value', Value));
    } catch (error) {
      notCovered.push(couldNotLook(`the parameters ${Names.join(', ')}`, error));
    }
  }
  return { texts, notCovered, read };
}

function textIn(name: string, field: string, text: string): WrittenText {
  return {
    holder: `the parameter ${name}`,
    field,
    text,
    fix: `Have its readers use Keyturn's client, then run \`aws ssm delete-parameter --name ${name}\`.`,
  };
}
