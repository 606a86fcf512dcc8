import { parseHttpAddress } from '../../../../client/run/http/http-address';

it.each([
  ['3000', '127.0.0.1', 3000],
  ['0', '127.0.0.1', 0],
  ['65535', '127.0.0.1', 65_535],
  ['0.0.0.0:8080', '0.0.0.0', 8080],
  ['localhost:8080', 'localhost', 8080],
  ['[::]:8080', '::', 8080],
])('%s is an address', (text, host, port) => {
  expect(parseHttpAddress(text, '/health?full')).toEqual({ host, port, readyPath: '/health?full' });
});

it.each(['', '65536', '-1', '3000/mcp', 'http://localhost:3000', ':3000', '3 000', '99999999'])(
  '"%s" is none',
  text => {
    expect(() => parseHttpAddress(text, '/')).toThrow(`--http "${text}" is not a port`);
  },
);

it.each(['', 'health', 'http://x/', '/a b', '/#'])('"%s" is no path to ask for', path => {
  expect(() => parseHttpAddress('3000', path)).toThrow(`--ready "${path}" is not a path`);
});
