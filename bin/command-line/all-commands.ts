import type { CommandDefinition } from './definition';
import { incidentCommands } from './incident-commands';
import { keyCommands } from './key-commands';
import { sandboxCommands } from './sandbox-commands';
import { serverCommands } from './server-commands';

/** In the order of help: to get ready, day by day, in an emergency, for practice. */
export function allCommands(): CommandDefinition[] {
  return [...serverCommands(), ...keyCommands, ...incidentCommands, ...sandboxCommands()];
}
