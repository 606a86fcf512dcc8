// In which ways a rehearsal's servers get their keys in virtual time, as its summary names them. The others are lanes in real
// time, which are played beside a quarter: see rehearsal/lanes.

export const playedWays = {
  client: 'with the client library',
  tokens: 'with the client library, as short-lived tokens',
  federated: 'with the client library, as their AWS role, without a key',
  run: 'behind npx keyturn run',
} as const;
export type PlayedWay = keyof typeof playedWays;

export const otherWays =
  'behind run --http, run --broker and agent, and with the library for Python, in real time: a quarter plays them beside it';
