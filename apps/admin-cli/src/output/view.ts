import { styleText } from "node:util";
import type { CommandIo } from "../command-io.ts";

/** How to format text for people. */
export interface View {
  /** How many characters fit into a line. */
  readonly width: number;
  readonly color: boolean;
  /** Whether instants are shown in ISO 8601 instead of relative to now. */
  readonly absolute: boolean;
  /** The time by the database's clock, which relative times count from. */
  readonly now: Date;
}

/** The width of output that goes to no terminal. */
export const WIDTH_DEFAULT = 80;

/** The colours, by their meaning. */
const PAINTS = {
  head: "bold",
  faint: "dim",
  good: "green",
  bad: "red",
  warning: "yellow",
  active: "cyan",
} as const satisfies Record<string, Parameters<typeof styleText>[0]>;

/** The meaning of a colour. */
export type Paint = keyof typeof PAINTS;

/** Paints a text, if the view has colours. The text must have no control characters. */
export function paint(view: View, kind: Paint, text: string): string {
  // `view.color` decides. Without `validateStream: false`, `styleText` would look at this process's own output.
  return view.color ? styleText(PAINTS[kind], text, { validateStream: false }) : text;
}

/**
 * Whether to use colours: FORCE_COLOR asks for colours, NO_COLOR asks for none, and without both only a terminal has
 * colours.
 */
export function wantsColor({ env, terminal }: Pick<CommandIo, "env" | "terminal">): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return !["0", "false"].includes(forced);
  return (env["NO_COLOR"] ?? "") === "" && terminal.isOutput && env["TERM"] !== "dumb";
}
