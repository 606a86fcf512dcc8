import { clientPython } from '../../support/python';
import { callingCases } from './calling-cases';
import { federationCases, playFederation } from './federation-cases';
import { lanes, PythonSubject } from './python';
import { readingCases } from './reading-cases';
import { tokenCases } from './token-cases';
import { playTrial } from './trial';

let subject: PythonSubject | undefined;
beforeAll(async () => {
  const python = await clientPython();
  if (python) subject = new PythonSubject(python);
});
afterAll(() => subject?.close());

describe.each(lanes)('%s', lane => {
  const own = lane.startsWith('KeyAuth')
    ? [...callingCases, ...tokenCases].filter(({ hasOwnFunction }) => !hasOwnFunction)
    : [...readingCases, ...callingCases, ...tokenCases];
  test.each(own.map(each => [each.name, each] as const))('%s', async (_name, each) => {
    const tried = subject;
    if (tried) await playTrial((secrets, options) => tried.open(lane, secrets, options), each);
  });
  test.each(federationCases)('%s', async (_name, play) => {
    const tried = subject;
    if (!tried) return;
    await playFederation((secrets, options, { env }) => tried.open(lane, secrets, options, env), play);
  });
});
