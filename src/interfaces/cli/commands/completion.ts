/** `weft completion`: what a shell completes commands and options with (ADR 0032). */
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import type { CommandScope } from "../command_scope.ts";

/** The script takes this function for granted, which only an installed bash-completion has. */
const BASH_WORDS = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
  words=("\${COMP_WORDS[@]}")
  cword=$COMP_CWORD
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD - 1]}
}
`;

/**
 * Adds `completion`, which prints a script for a shell, and the hidden `complete`, which the script asks. To be called when the commands are there that
 * are completed: those whose options are not, have their names alone.
 */
export function addCompletion(program: Command, { io }: CommandScope): void {
  tab(program, { completionCommandName: "completion" });
  program.commands.find((command) => command.name() === "completion")
    ?.hook("preAction", (_program, { args: [shell] }) => {
      if (shell === "bash") io.stdout.write(BASH_WORDS);
    })
    .summary("print a shell's completion script: bash, zsh, fish or powershell")
    .description("Prints a script that lets a shell complete weft's commands and options.")
    .addHelpText(
      "after",
      "\nExamples:\n  source <(weft completion bash)                             # in ~/.bashrc\n" +
        "  source <(weft completion zsh)                              # in ~/.zshrc, behind compinit\n" +
        "  weft completion fish > ~/.config/fish/completions/weft.fish",
    );
}
