// Every lane: each way to get a key, in each language that servers have, over each change of a key.
import { brokerLanes } from './broker-lanes';
import { httpLanes } from './http-lanes';
import type { Lane } from './lane';
import { libraryLanes, tokenLanes } from './library-lanes';
import { ownProcessLanes } from './own-process-lanes';
import { runLane } from './run-lane';
import { stdioLanes } from './stdio-lanes';
import { tokenLane } from './token-lane';

export const lanes: Lane[] = [
  ...[...stdioLanes, ...httpLanes, ...brokerLanes, ...libraryLanes].map(runLane),
  ...tokenLanes.map(tokenLane),
  ...ownProcessLanes,
];
