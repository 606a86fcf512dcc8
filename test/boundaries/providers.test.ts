// What tells one provider from another is in its own files: no rule, function or library knows one by its name.
import { connectors } from '../../connectors/index';
import { sources, textOf } from './sources';

const rooms = /^(core|lambda|client|lib|targets|connectors\/(contract|http|http-api|transports))\//;
/** It is a kind as well, and the one provider that is none. */
const names = Object.keys(connectors).filter(name => name !== 'self-issued');
/** The same words, which mean something else there: to send again, a package, and what an error shows as an example. */
const others = [
  'connectors/http/call-rate.ts: resend',
  'connectors/http/http.ts: resend',
  'connectors/transports/postgres-transport.ts: postgres',
  'lambda/aws/emergency/emergency-clients.ts: resend',
  'lib/config/keys/federated-keys.ts: openai',
  'lib/config/shape/config-shape.ts: sendgrid',
];

function namedIn(source: string): string[] {
  const code = textOf(source).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const texts = [...code.matchAll(/['"`]([a-z0-9-]+)['"`]/g)].map(([, text = '']) => text);
  return [...new Set(texts.filter(text => names.includes(text)))].map(name => `${source}: ${name}`);
}

test('no provider is named outside of its own files', () => {
  const found = sources.filter(source => rooms.test(source)).flatMap(namedIn);
  expect(found.sort()).toEqual(others);
});
