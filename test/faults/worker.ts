// A process that explores the jobs it is sent, one after the other, and tells of every exploration.
import type { Lab } from './bench';
import { type Job, type JobResult, runJob } from './job';

/** What it sends: one for each exploration, and the result at the end. */
export type Told = { explored: true; failure?: string } | { result: JobResult };

const tell = (told: Told) => void process.send!(told);

process.on('message', async ({ lab, job }: { lab: Lab; job: Job }) => {
  tell({ result: await runJob(lab, job, failure => tell({ explored: true, failure })) });
});
