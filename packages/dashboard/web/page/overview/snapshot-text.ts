import type { SnapshotHolder } from "@millrace/api/client";
import { durationText } from "../../text/duration.ts";

/** Who holds the snapshot, and for how long, in one sentence. */
export function holderText({ applicationName, user, pid, ageMs, state }: SnapshotHolder): string {
  const program = applicationName === "" ? "A program without a name" : applicationName;
  return `${program} (user ${user}, pid ${pid}) has held a transaction open for ${durationText(ageMs)}: ${state}.`;
}

/** What an open transaction does to claims. */
export const HOLDER_EFFECT =
  "PostgreSQL keeps every row that was deleted since the transaction began. Jobs that are claimed or completed leave " +
  "such rows, and later claims read past them: claims become slower until the transaction ends.";
