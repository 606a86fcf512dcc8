// A server that reaches the gateway as its AWS role, with the client library alone. Its connector is one file, made by
//   npx esbuild connectors/gateway.ts --bundle --platform=node --format=cjs --outfile=server/gateway.cjs
import { createKeys } from '@keyturn/client';
import { gateway } from './gateway.cjs';

const keys = createKeys({
  environment: 'prod',
  server: 'search-bot',
  connectors: [gateway],
  federate: { gateway: { client: 'search' } },
});
const answer = await keys.use('gateway', ({ secret }) =>
  fetch('https://models.example.com/v1/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: '{}',
  }),
);
console.log(answer.status, await answer.text());
await keys.close();
