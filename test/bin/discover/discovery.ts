// `keyturn discover --hosts` on a made-up machine.
import os from 'node:os';
import { systemClock } from '../../../lambda/aws/runtime/clock';
import { openMachine, type TestMachine } from '../hosts/machine';
import { type Person, sitDown } from '../support/person';

const none = '/nowhere/keys.ts';

export function openDiscovery(): {
  machine: TestMachine;
  run: (args: string[], person?: Person) => ReturnType<typeof sitDown>;
  close(): void;
} {
  const machine = openMachine();
  const home = jest.spyOn(os, 'homedir').mockReturnValue(machine.home);
  return {
    machine,
    run: (args, person = {}) => {
      const config = args.includes('--config') ? [] : ['--config', none];
      return sitDown(['discover', '--hosts', ...config, ...args], person, systemClock);
    },
    close() {
      home.mockRestore();
      machine.remove();
    },
  };
}
