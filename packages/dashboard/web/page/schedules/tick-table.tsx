import { useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { JobLink } from "../../ui/links.tsx";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ClockTime } from "../../ui/time.tsx";
import { type TickMark, tickMark } from "./tick-mark.ts";
import { FateShape } from "./tick-strip.tsx";

/** How many ticks are listed. */
const TICKS = 50;
const EVERY_MS = 5_000;

/** The last ticks of a schedule, the latest first, with what became of each. */
export function TickTable({ name }: { name: string }) {
  const ticks = useLoad(() => client.schedules.ticks(name, TICKS), `ticks ${name}`, { everyMs: EVERY_MS });
  return (
    <Panel title="Last ticks">
      <LoadView loaded={ticks}>
        {(list) =>
          list.ticks.length === 0 ? (
            <Empty title="No tick has fired yet" />
          ) : (
            <div class="table-scroll">
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">Tick</th>
                    <th scope="col">What became of it</th>
                    <th scope="col">Job</th>
                  </tr>
                </thead>
                <tbody>
                  {list.ticks.map((tick) => (
                    <Row key={tick.tickAt} mark={tickMark(tick)} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </LoadView>
    </Panel>
  );
}

function Row({ mark: { tickAt, fate, text, jobId } }: { mark: TickMark }) {
  return (
    <tr>
      <td class="nowrap">
        <ClockTime at={tickAt} />
      </td>
      <td>
        <FateShape fate={fate} /> {text}
      </td>
      <td>{jobId === null ? <span class="none">–</span> : <JobLink id={jobId} />}</td>
    </tr>
  );
}
