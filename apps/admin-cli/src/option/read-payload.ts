import { readFile } from "node:fs/promises";
import { reasonOf } from "@millrace/base";
import type { JsonValue } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";
import { parseJson } from "./parse-json.ts";

/** The two ways to give a payload on the command line. */
export interface PayloadOptions {
  payload?: string;
  payloadFile?: string;
}

/** Adds `--payload` and `--payload-file` to a command. */
export function addPayloadOptions(command: Command): Command {
  return command
    .option("--payload <json>", "the payload, any JSON value; - reads standard input")
    .option("--payload-file <path>", "a file that holds the payload; - reads standard input");
}

/**
 * Reads the payload from the options: JSON, a file or standard input. Returns undefined when no option gives a payload.
 * Throws `UsageError` for both options at once, a file that cannot be read, or text that is no JSON in UTF-8.
 */
export async function readPayload(
  { payload, payloadFile }: PayloadOptions,
  stdin: CommandIo["stdin"],
): Promise<JsonValue | undefined> {
  if (payload !== undefined && payloadFile !== undefined) {
    throw new UsageError("--payload and --payload-file exclude each other; give one of them.");
  }
  if (payload === "-" || payloadFile === "-") {
    return parseJson(decode(await readAll(stdin), "standard input"), "standard input");
  }
  if (payload !== undefined) return parseJson(payload, "--payload");
  if (payloadFile !== undefined)
    return parseJson(decode(await readNamed(payloadFile), payloadFile), payloadFile);
  return undefined;
}

async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read --payload-file: ${reasonOf(error)}.`, { cause: error });
  }
}

async function readAll(stdin: CommandIo["stdin"]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${source} is not UTF-8 text.`, { cause: error });
  }
}
