import type { CommandDefinition } from './definition';
import { incidentCommands } from './incident-commands';
import { keyCommands } from './key-commands';
import { serverCommands } from './server-commands';

/** In the order of help: to get ready, day by day, in an emergency. */
export function allCommands(): CommandDefinition[] {
  return [...serverCommands(), ...keyCommands, ...incidentCommands];
}
