import { createTestDatabase } from "@millrace/testpg";
import { inject, onTestFinished } from "vitest";

/** Makes an empty database for one test. Returns its address. */
export async function emptyDatabase(): Promise<string> {
  const { serverUrl } = inject("millraceTestDatabase");
  const empty = await createTestDatabase({ serverUrl });
  onTestFinished(() => empty.drop());
  return empty.url;
}
