import { checkFields, type Executor, fieldNames, integerIn } from "@millrace/base";
import { INTEGER_MAX } from "@millrace/schema/values";
import { checkSomeIds } from "./check-names.ts";
import type { JobTexts, TextsOptions } from "./job-texts.ts";
import { readTexts } from "./read-texts.sql.ts";

const FIELDS = fieldNames<TextsOptions>({ bytesMax: true });

/** Returns the JSON of jobs as text, in the order of the ids. Throws `InvalidOptionError`. */
export async function texts(
  db: Executor,
  ids: readonly string[],
  options: TextsOptions,
): Promise<JobTexts[]> {
  const given = checkSomeIds("ids", ids);
  checkFields("options", options, FIELDS);
  const bytesMax = integerIn("bytesMax", options.bytesMax ?? INTEGER_MAX, [1, INTEGER_MAX]);
  if (given.length === 0) return [];
  const found = new Map((await readTexts(db, given, bytesMax)).map((each) => [each.id, each]));
  return given.flatMap((id) => found.get(id) ?? []);
}
