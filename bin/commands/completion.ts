import { KeyturnError } from '../../core/errors';
import { candidates } from '../command-line/candidates';
import { type Command, type CommandContext, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

/** Each asks the program itself at every Tab, so that a script is as new as the configuration. */
const scripts = {
  bash: `# keyturn completion bash > ~/.local/share/bash-completion/completions/keyturn
_keyturn() {
  local ask=(keyturn) IFS=$'\\n'
  type -P keyturn >/dev/null || ask=(npx --no-install keyturn)
  COMPREPLY=($("\${ask[@]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _keyturn keyturn
`,
  zsh: `#compdef keyturn
# keyturn completion zsh > ~/.zfunc/_keyturn
_keyturn() {
  local -a ask found
  ask=(keyturn)
  whence -p keyturn >/dev/null || ask=(npx --no-install keyturn)
  found=("\${(@f)$($ask complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found/$'\\t'/:}")
  if [[ -n $found[1] ]]; then _describe keyturn found; else _files; fi
}
if [[ $funcstack[1] == _keyturn ]]; then _keyturn "$@"; else compdef _keyturn keyturn; fi
`,
  fish: `# keyturn completion fish > ~/.config/fish/completions/keyturn.fish
function __keyturn_complete
  set -l ask keyturn
  type -fq keyturn; or set ask npx --no-install keyturn
  $ask complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
complete -c keyturn -f -a '(__keyturn_complete)'
`,
};
type Shell = keyof typeof scripts;

export const completion: Command<{ shell: string; json?: boolean }> = async (flags, context) => {
  const { shell } = flags;
  if (!Object.hasOwn(scripts, shell))
    throw new KeyturnError('usage', `there is no completion for "${shell}"; use one of bash, zsh, fish`);
  const script = scripts[shell as Shell];
  print(context, flags, { shell, script }, script);
  return exitCode.done;
};

/** What the scripts ask. @param words all after the name of the program; the last one is still being typed */
export async function complete(
  { words }: { words: string[] },
  { terminal }: CommandContext,
): Promise<number> {
  const found = await candidates(words);
  terminal.out(found.map(({ word, about }) => `${word}\t${about}\n`).join(''));
  return exitCode.done;
}
