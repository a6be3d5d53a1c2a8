/** `weft completion`: what a shell completes commands and options with (ADR 0032). */
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

/**
 * Adds `completion`, which prints a script for a shell, and the hidden `complete`, which the script asks. To be called when the commands are there that
 * are completed: those whose options are not, have their names alone.
 */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: "completion" });
  program.commands.find((command) => command.name() === "completion")
    ?.summary("print a shell's completion script: bash, zsh, fish or powershell")
    .description("Prints a script that lets a shell complete weft's commands and options.")
    .addHelpText(
      "after",
      "\nExamples:\n  source <(weft completion bash)                             # in ~/.bashrc\n" +
        "  source <(weft completion zsh)                              # in ~/.zshrc, behind compinit\n" +
        "  weft completion fish > ~/.config/fish/completions/weft.fish",
    );
}
