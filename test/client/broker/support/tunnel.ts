// Requests to a broker that are written as they stand.
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { openBrokerWorld } from './broker-world';
import { providerHost } from './tls-provider';

type World = Awaited<ReturnType<typeof openBrokerWorld>>;

const proxyOf = ({ broker }: World) => new URL(broker.env.HTTPS_PROXY!);

/** The line that the proxy wants. */
export function authorized(world: World): string {
  const password = Buffer.from(`keyturn:${proxyOf(world).password}`).toString('base64');
  return `Proxy-Authorization: Basic ${password}\r\n`;
}

/** What comes back for one request to the proxy itself. */
export function raw(world: World, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(proxyOf(world).port), '127.0.0.1', () => socket.end(text));
    let said = '';
    socket.on('data', chunk => {
      said += String(chunk);
    });
    socket.on('end', () => resolve(said)).on('error', reject);
  });
}

/** What comes back through a connection to the provider, until it ends or `enough` says so. */
export function say(
  world: World,
  servername: string,
  text: string,
  enough?: (said: string) => boolean,
): Promise<string> {
  const port = world.provider.host.split(':')[1];
  return new Promise((resolve, reject) => {
    const tunnel = connectTcp(Number(proxyOf(world).port), '127.0.0.1', () =>
      tunnel.write(`CONNECT ${providerHost}:${port} HTTP/1.1\r\nHost: x\r\n${authorized(world)}\r\n`),
    );
    tunnel.on('error', reject).once('data', () => {
      const ca = world.broker.certificate;
      const tls = connectTls({ socket: tunnel, servername, ca }, () => tls.write(text));
      let said = '';
      tls.on('data', chunk => {
        said += String(chunk);
        if (enough?.(said)) tls.destroy();
      });
      tls.on('error', reject).on('close', () => resolve(said));
    });
  });
}
