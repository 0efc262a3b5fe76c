import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { bytesText } from "../output/bytes-text.ts";
import { durationText } from "../output/duration-text.ts";
import { type Cell, cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { listViewRefreshes, type ViewRefresh } from "../store/list-view-refreshes.sql.ts";
import { addWatch, answerAndWatch, type WatchOptions } from "../watch.ts";

/** Adds `millrace views list`. */
export function addListViews(parent: Command, host: CommandHost): void {
  const command = parent
    .command("list")
    .description("list the last refresh of each view that view.refresh has refreshed");
  addWatch(command).action((options: WatchOptions) => answerAndWatch(host, options, listViews));
}

async function listViews({ pool }: CommandDatabase): Promise<Report> {
  const views = await listViewRefreshes(pool);
  return { json: { views }, text: (view) => viewsTable(view, views) };
}

function viewsTable(view: View, views: readonly ViewRefresh[]): string {
  if (views.length === 0) return "No views were refreshed.";
  return table(
    view,
    [cut("VIEW"), "CONTENTS OF", "LAST", right("TOOK"), right("SIZE"), cut("ERROR")],
    views.map((refresh) => [
      `${refresh.schema}.${refresh.view}`,
      refresh.refreshedAt,
      outcome(refresh),
      durationText(refresh.durationMs),
      refresh.sizeBytes === null ? null : bytesText(refresh.sizeBytes),
      refresh.error,
    ]),
  );
}

function outcome({ error }: ViewRefresh): Cell {
  return error === null ? { value: "ok", paint: "good" } : { value: "failed", paint: "bad" };
}
