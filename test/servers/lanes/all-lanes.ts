// Every lane: each way to get a key, in each language that servers have, over each change of a key.
import type { Lane } from '../../../rehearsal/lanes/lane';
import { runLane } from '../../../rehearsal/lanes/run-lane';
import { brokerLanes } from './broker-lanes';
import { httpLanes } from './http-lanes';
import { libraryLanes, tokenLanes } from './library-lanes';
import { ownProcessLanes } from './own-process-lanes';
import { stdioLanes } from './stdio-lanes';
import { type TestWorld, tokenLane } from './token-lane';

export const lanes: Lane<TestWorld>[] = [
  ...[...stdioLanes, ...httpLanes, ...brokerLanes, ...libraryLanes].map(runLane),
  ...tokenLanes.map(tokenLane),
  ...ownProcessLanes,
];
