// Python as the tests use it.
import { pythonWith } from '../servers/python';

/** As in .ci/run. */
const packages = [
  'boto3>=1.34,<2',
  'httpx>=0.25,<1',
  'aiohttp>=3.10,<4',
  'requests>=2.31,<3',
  'websockets>=15,<17',
  'mypy>=1.18,<3',
  'hatchling>=1.27,<2',
];

/** @returns the interpreter with what the tests import; undefined where there is none, and says so */
export async function clientPython(): Promise<string | undefined> {
  // Of .ci/run.
  if (process.env.KEYTURN_PYTHON) return process.env.KEYTURN_PYTHON;
  const found = await pythonWith(...packages);
  if ('python' in found) return found.python;
  console.log(`nothing in Python was tried: ${found.skipped}`);
  return undefined;
}
