import type { FailureReport } from "@millrace/api/client";
import { useLoad } from "../../data/use-load.ts";
import { href, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { databaseNow } from "../../state/clock.ts";
import { figureText } from "../../text/count-text.ts";
import { QueueLink } from "../../ui/links.tsx";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/time.tsx";
import { type Period, periodOf } from "./periods.ts";

const KINDS = 5;
const HOUR_MS = 3_600_000;

/** How often the kinds are read again: they are read from many jobs. */
const EVERY_MS = 30_000;

/** The kinds of failure that were most frequent in the charts' period. */
export function TopFailures() {
  const period = periodOf(query.value.get("hours"));
  const queue = query.value.get("queue") ?? "";
  const report = useLoad(
    () =>
      client.jobs.failures({
        ...(queue === "" ? {} : { queue }),
        finishedAfter: new Date(databaseNow().getTime() - period.hours * HOUR_MS).toISOString(),
        limit: KINDS,
      }),
    `top failures ${period.hours} ${queue}`,
    { everyMs: EVERY_MS },
  );
  return (
    <Panel
      title={`Most frequent failures of the last ${period.label}`}
      tools={<a href={href("/failures")}>All failures</a>}
    >
      <LoadView loaded={report}>{(value) => <Kinds report={value} period={period} />}</LoadView>
    </Panel>
  );
}

function Kinds({ report: { groups, complete }, period }: { report: FailureReport; period: Period }) {
  if (groups.length === 0) return <Empty title={`No job failed in the last ${period.label}`} />;
  return (
    <>
      <div class="table-scroll">
        <table class="table cards">
          <thead>
            <tr>
              <th scope="col">Error</th>
              <th scope="col">Type</th>
              <th scope="col">Queue</th>
              <th scope="col" class="number">
                Jobs
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <Kind key={`${group.queue} ${group.type} ${group.fingerprint}`} group={group} />
            ))}
          </tbody>
        </table>
      </div>
      {complete ? null : <p class="quiet panel-body">Only the latest failed jobs were looked at.</p>}
    </>
  );
}

function Kind({ group }: { group: FailureReport["groups"][number] }) {
  const filter = new URLSearchParams({ queue: group.queue, type: group.type });
  return (
    <tr>
      <td class="kind-error">
        <a class="kind-link" href={href(`/failures?${filter}`)}>
          {firstLine(group.error)}
        </a>
      </td>
      <td data-label="Type" class="kind-name">
        {group.type}
      </td>
      <td data-label="Queue" class="kind-name">
        <QueueLink queue={group.queue} />
      </td>
      <td data-label="Jobs" class="number">
        {figureText(group.count)}
      </td>
      <td data-label="Last" class="nowrap">
        <Time at={group.lastAt} />
      </td>
    </tr>
  );
}

const firstLine = (error: string | null) => error?.split("\n", 1)[0] || "without a text";
