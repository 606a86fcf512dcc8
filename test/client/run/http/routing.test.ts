// Which process a request goes to, without a process, a connection or a clock.
import {
  cameBack,
  gaveUp,
  left,
  noProcessYet,
  processGone,
  type Routing,
  routeOf,
  served,
} from '../../../../client/run/http/routing';

const first = served(noProcessYet, 1);
const second = served(first, 2);
const isLeaving = left(first, 1);

function routesOf(routing: Routing) {
  return {
    newCall: routeOf(routing, undefined, true),
    callHeldBy1: routeOf(routing, 1, true),
    answerHeldBy1: routeOf(routing, 1, false),
    ofEndedSession: routeOf(routing, 'gone', true),
  };
}

test.each<[string, Routing, newCall: unknown, callHeldBy1: unknown, answerHeldBy1: unknown]>([
  ['no process has started', noProcessYet, 'wait', 1, 1],
  ['one serves', first, 1, 1, 1],
  ['a newer one serves', second, 2, 1, 1],
  ['the one is to end before another starts', isLeaving, 'wait', 'wait', 1],
  ['it came back', cameBack(isLeaving), 1, 1, 1],
  ['it ended', processGone(isLeaving, 1), 'wait', 1, 1],
  ['the next one serves after it', served(processGone(isLeaving, 1), 2), 2, 1, 1],
  ['an old one ended beside the one that serves', processGone(second, 1), 2, 1, 1],
  ['the one that served ended', processGone(second, 2), 'wait', 1, 1],
  ['no process will come any more', gaveUp(processGone(first, 1)), 'none', 1, 1],
  ['none will come while the one is to end', gaveUp(isLeaving), 'none', 'none', 1],
])('%s', (_, routing, newCall, callHeldBy1, answerHeldBy1) => {
  expect(routesOf(routing)).toEqual({ newCall, callHeldBy1, answerHeldBy1, ofEndedSession: 'gone' });
});
