import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { escapeLines } from "../output/escape-control.ts";
import { block } from "../output/table.ts";
import { paint, type View } from "../output/view.ts";

/** Adds `millrace doctor`. */
export function addDoctor(parent: Command, host: CommandHost): void {
  parent
    .command("doctor")
    .description(
      "compare the schema with the migrations, and look for what slows jobs down or loses them; " +
        "exit code 1 for a problem",
    )
    .action(() => host.answer(diagnose));
}

async function diagnose({ pool, location }: CommandDatabase): Promise<Report> {
  const { version, findings } = await examine(pool);
  const problems = findings.filter(({ severity }) => severity === "problem").length;
  return {
    json: { healthy: problems === 0, schema: version, findings },
    text: (view) =>
      [
        ...findings.map((finding) => findingText(view, finding)),
        `${summaryText(problems, findings.length - problems)} in ${locationText(location)}.`,
      ].join("\n\n"),
    failed: problems > 0,
  };
}

function findingText(view: View, { severity, code, object, text, repair }: Finding): string {
  const word = paint(view, severity === "problem" ? "bad" : "warning", severity.toUpperCase());
  const heading = `${word} ${code} ${object}`;
  const said = `${heading}\n${escapeLines(text)}`;
  return repair === null ? said : `${said}\n${block("Repair:", escapeLines(repair))}`;
}

function summaryText(problems: number, notes: number): string {
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const found = problems === 0 ? "No problems" : count(problems, "problem");
  return notes === 0 ? found : `${found}, ${count(notes, "note")}`;
}
