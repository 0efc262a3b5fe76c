import { Argument, type Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { bashScript } from "../completion/bash-script.ts";
import { commandTree } from "../completion/command-tree.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

type Shell = keyof typeof SCRIPTS;

/** Adds `millrace completion`. */
export function addCompletion(parent: Command, { io }: CommandHost): void {
  parent
    .command("completion")
    .description("print a script that completes these commands in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SCRIPTS)))
    .action((shell: Shell) => void io.stdout.write(SCRIPTS[shell](parent.name(), commandTree(parent))));
}
