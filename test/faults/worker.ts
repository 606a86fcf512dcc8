// A process that explores the jobs it is sent, one after the other.
import type { Lab } from './bench';
import { type Job, runJob } from './job';

process.on('message', async ({ lab, job }: { lab: Lab; job: Job }) => {
  process.send!(await runJob(lab, job));
});
