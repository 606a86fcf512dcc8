import { spawnSync } from 'node:child_process';

/** True while any process of the group runs. One that has ended and that nobody has waited for does not. */
export function groupRuns(group: number): boolean {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
  return stdout.split('\n').some(line => {
    const [id, state] = line.trim().split(/\s+/);
    return Number(id) === group && !state!.startsWith('Z');
  });
}

/** @throws where it does not come true: before Jest would end the test without saying what */
export async function until(isTrue: () => boolean | Promise<boolean>, ms = 500_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`${isTrue} has not come true`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
