// Python as this machine has it. Nothing is installed: what is missing is said.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const named = process.env.KEYTURN_PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');
const patience = { timeout: 60_000 };
const looks = {
  alone: 'import sys; print(sys.version_info >= (3, 10))',
  boto3: 'import boto3; print(True)',
};

/** @returns the command of a server in Python, or in words why there is none @param needs besides Python itself */
export async function pythonCommand(file: string, needs?: 'boto3'): Promise<string[] | { skipped: string }> {
  if (!(await isTrue(looks.alone))) return { skipped: `${named} of version 3.10 or later is not there` };
  if (needs && !(await isTrue(looks[needs]))) return { skipped: `${named} has no ${needs}` };
  return [named, file];
}

/** @param program that prints `True` */
async function isTrue(program: string): Promise<boolean> {
  const ended = await promisify(execFile)(named, ['-c', program], patience).catch(() => undefined);
  return ended?.stdout.trim() === 'True';
}
