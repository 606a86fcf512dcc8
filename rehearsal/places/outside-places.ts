// The places outside AWS of one rehearsal, and the tokens that write there.
import { createHash } from 'node:crypto';
import { type FakeGithubActions, fakeGithubActions } from './fake-github-actions';
import { type FakeWorkers, fakeWorkers } from './fake-workers';

export interface OutsidePlaces {
  github: FakeGithubActions;
  workers: FakeWorkers;
  /** Of a kind of place; its API knows it. */
  tokenOf(to: string): string;
}

export function openOutsidePlaces(): OutsidePlaces {
  const [github, workers] = [fakeGithubActions(), fakeWorkers()];
  // No word of it stands in a configuration.
  const tokenOf = (to: string) => `FAKESECRET${createHash('sha256').update(to).digest('hex')}`;
  for (const { to, tokens } of [github, workers]) tokens.add(tokenOf(to));
  return { github, workers, tokenOf };
}
