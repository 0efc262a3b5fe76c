import { execFileSync } from "node:child_process";
import { Argument, Command, Option } from "commander";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../test/run-command.ts";
import { bashScript } from "./bash-script.ts";
import { commandTree } from "./command-tree.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

function program(): Command {
  const root = new Command("mill").version("1").option("--json", "for scripts");
  const jobs = root.command("jobs").description("the jobs' commands");
  jobs
    .command("list")
    .description("list: jobs")
    .addOption(new Option("--state <state>", "in a state").choices(["queued", "failed"]))
    .option("-n, --limit <n>", "how many");
  root.command("shell").addArgument(new Argument("<name>").choices(["bash", "zsh"]));
  return root;
}

const tree = commandTree(program());

/** What bash offers for the words of a line, of which the last is being typed. */
function offered(script: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(" ");
  const test = `complete() { :; }\n${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _mill
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", test], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");
}

describe("bash", () => {
  const script = bashScript("mill", tree);

  test.each([
    [["mill", "j"], ["jobs"]],
    [
      ["mill", "jobs", ""],
      ["list", "--help", "-h", "--json"],
    ],
    [["mill", "--json", "jobs", "l"], ["list"]],
    [["mill", "jobs", "list", "--st"], ["--state"]],
    [["mill", "jobs", "list", "--js"], ["--json"]],
    [
      ["mill", "jobs", "list", "--state", ""],
      ["queued", "failed"],
    ],
    [["mill", "jobs", "list", "--state", "failed", "--l"], ["--limit"]],
    [["mill", "jobs", "list", "-n", ""], []],
    [["mill", "shell", "z"], ["zsh"]],
  ])("%j offers %j", (words, expected) => {
    expect(offered(script, words).sort()).toEqual([...expected].sort());
  });
});

test("zsh gets every command, option and value, with quotes and colons escaped", () => {
  const script = zshScript("mill", tree);

  expect(script).toContain("'jobs:the jobs'\\'' commands'");
  expect(script).toContain("'list:list: jobs'");
  expect(script).toContain("'--state:in a state'");
  expect(script).toContain("' jobs list|--state') compadd -- 'queued' 'failed'; return ;;");
  expect(script).toContain("compdef _mill mill");
});

test("fish gets a line for every command, option and value", () => {
  const lines = fishScript("mill", tree).split("\n");

  expect(lines).toContain("complete -c mill -n '__mill_at' -f -a 'jobs' -d 'the jobs\\' commands'");
  expect(lines).toContain(
    "complete -c mill -n '__mill_at jobs list' -l state -x -a 'queued failed' -d 'in a state'",
  );
  expect(lines).toContain("complete -c mill -n '__mill_at jobs list' -s n -l limit -r -d 'how many'");
});

test.each(["bash", "zsh", "fish"])(
  "millrace completion %s prints a script and needs no database",
  async (shell) => {
    const { exitCode, stdout, stderr } = await runCommand(["completion", shell]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const word of ["run-now", "oldest-due", "payload-contains", "absolute"]) {
      expect(stdout).toContain(word);
    }
  },
);

test("what is printed for bash is a script that bash can read", async () => {
  const { stdout } = await runCommand(["completion", "bash"]);

  expect(execFileSync("bash", ["-n"], { input: stdout, encoding: "utf8" })).toBe("");
});
