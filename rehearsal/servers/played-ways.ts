// In which ways a rehearsal's servers get their keys, as its summary names them. Virtual time leaves the others out: see
// docs/decisions.md.

export const playedWays = {
  client: 'with the client library',
  tokens: 'with the client library, as short-lived tokens',
  federated: 'with the client library, as their AWS role, without a key',
  run: 'behind npx keyturn run',
} as const;
export type PlayedWay = keyof typeof playedWays;

export const otherWays =
  'behind run --http, run --broker and agent, and with the library for Python, which run in real time: npm run test:servers';
