// The proposal as a file of TypeScript, which a person goes on with. Whatever strangers wrote stands in it as a quoted text, or
// in a comment of one line.
import { connectorFor } from '../../connectors/index';
import { plainText } from '../../core/text/safe-text';
import { typescriptOf } from '../init/keys-file';
import type { FoundKey, ProposedKey, ProposedServer } from './proposal';

export function proposalText(servers: readonly ProposedServer[]): string {
  return `// MCP servers whose keys \`npx keyturn discover\` found. Search for "Replace": what stands there is made up.
// Then add them to the servers of config/keys.ts: \`servers: { ...foundServers, ... }\`.
import type { ServerInput } from 'keyturn/config';

export const foundServers = {
${servers.map(serverText).join('\n')}} satisfies Record<string, ServerInput>;
`;
}

function serverText({ name, server, keys }: ProposedServer): string {
  return `  ${typescriptOf(name, 1, 'name')}: {
    // Replace: the team that owns the server, and the role that it runs as.
    team: ${typescriptOf(server.team, 2)},
    roles: ${typescriptOf(server.roles, 2)},
    keys: [
${keys.map(keyText).join('')}    ],
  },
`;
}

function keyText({ found, key, replace, name }: ProposedKey): string {
  const comments = [
    ...found.places.map(place => `Found as ${place}.`),
    ...replace.map(what => `Replace ${what}`),
    ...(found.sharedWith
      ? [
          `Also a key of ${found.sharedWith.join(', ')}: adopt it for one of them, and issue new ones for the others.`,
        ]
      : []),
    `Then: ${adoptCommand(name, found)}`,
  ];
  return `${comments.map(text => `      // ${commentLine(text)}\n`).join('')}      ${typescriptOf(key, 3)},\n`;
}

/** With the id, where neither the key nor its provider tells it. */
export function adoptCommand(name: string, { provider, keyId }: FoundKey): string {
  const connector = connectorFor(provider);
  const isAsked = connector.kind === 'issue' && !connector.keyIdOf && !connector.identify;
  const isWord = keyId !== undefined && /^[\w.:-]+$/.test(keyId);
  return `npx keyturn adopt ${name}${isAsked && isWord ? ` --key-id ${keyId}` : ''}`;
}

/** Nothing in it ends the comment, or the line. */
function commentLine(text: string): string {
  return plainText(text, 300);
}
