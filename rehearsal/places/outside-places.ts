// The places outside AWS of one rehearsal, and the tokens that write there.
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
  const tokenOf = (to: string) => `FAKESECRET-token-of-${to}-0123456789`;
  for (const { to, tokens } of [github, workers]) tokens.add(tokenOf(to));
  return { github, workers, tokenOf };
}
