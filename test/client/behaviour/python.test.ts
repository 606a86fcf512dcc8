import { clientPython } from '../../support/python';
import { callingCases } from './calling-cases';
import { lanes, PythonSubject } from './python';
import { readingCases } from './reading-cases';
import { playTrial } from './trial';

let subject: PythonSubject | undefined;
beforeAll(async () => {
  const python = await clientPython();
  if (python) subject = new PythonSubject(python);
});
afterAll(() => subject?.close());

describe.each(lanes)('%s', lane => {
  const own = lane.startsWith('KeyAuth')
    ? callingCases.filter(({ hasOwnFunction }) => !hasOwnFunction)
    : [...readingCases, ...callingCases];
  test.each(own.map(({ name, play }) => [name, play] as const))('%s', async (_name, play) => {
    const tried = subject;
    if (tried) await playTrial((secrets, variables) => tried.open(lane, secrets, variables), play);
  });
});
