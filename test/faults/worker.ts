// A process that explores the jobs it is sent, one after the other, and tells of every exploration.
import type { Conditions } from './deployment';
import { type Job, type JobResult, runJob } from './job';

/** What it sends: one for each exploration, and the result at the end. */
export type Told = { explored: true; failure?: string } | { result: JobResult };

const tell = (told: Told) => void process.send!(told);

process.on('message', async ({ conditions, job }: { conditions: Conditions; job: Job }) => {
  tell({ result: await runJob(conditions, job, failure => tell({ explored: true, failure })) });
});
