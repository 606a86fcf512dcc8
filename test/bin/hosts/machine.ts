// A made-up machine in a folder of its own, whose hosts' files tests write.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../bin/hosts/host-files';

export interface TestMachine extends Machine {
  /** Below the home folder. */
  write(path: string, content: string | Buffer | object): string;
  remove(): void;
}

export function openMachine(): TestMachine {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'keyturn-hosts-')));
  const cwd = join(home, 'work');
  mkdirSync(cwd);
  return {
    platform: 'linux',
    home,
    cwd,
    env: {},
    write(path, content) {
      const file = join(home, path);
      mkdirSync(dirname(file), { recursive: true });
      const isText = typeof content === 'string' || Buffer.isBuffer(content);
      writeFileSync(file, isText ? content : JSON.stringify(content, null, 2));
      return file;
    },
    remove: () => rmSync(home, { recursive: true }),
  };
}

/** Of the shape of a provider's keys; made of parts, so that no scanner takes it for one. */
export const madeUp = {
  sendgrid: (mark: string) =>
    ['SG', `${mark}Qx7Lk29fJw8Zt3`.padEnd(22, 'a').slice(0, 22), `${mark}uYc4N1rBv6`.padEnd(43, '0')].join(
      '.',
    ),
  gitlab: (mark: string) => ['glp', 'at-', `${mark}R2k9Xw4T7q`.padEnd(20, 'b').slice(0, 20)].join(''),
  openai: (mark: string) => ['sk-', 'proj-', `${mark}A1b2C3`.padEnd(40, 'd')].join(''),
};
