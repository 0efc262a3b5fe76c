import type { SnapshotHolder } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { durationText } from "../../text/duration.ts";
import { Banner } from "../../ui/banner.tsx";
import { EndStatement } from "../../ui/end-statement.tsx";
import { Fact } from "../../ui/fact.tsx";
import { LoadView } from "../../ui/load-view.tsx";
import { Time } from "../../ui/time.tsx";
import { HOLDER_EFFECT, holderText } from "./snapshot-text.ts";

/** How often the list of transactions is read again while it is open. */
const EVERY_MS = 5_000;

/** Warns of a transaction that makes claims slower, and lists all such transactions when opened. */
export function SnapshotHolderPane({ holder }: { holder: SnapshotHolder }) {
  const [open, setOpen] = useState(false);
  return (
    <Banner kind="warning">
      <strong>An open transaction slows claims down.</strong> {holderText(holder)}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>What this does, and how to end it</summary>
        {open ? <Holders /> : null}
      </details>
    </Banner>
  );
}

function Holders() {
  const holders = useLoad(() => client.stats.snapshotHolders(), "snapshot holders", { everyMs: EVERY_MS });
  return (
    <>
      <p>{HOLDER_EFFECT}</p>
      <LoadView loaded={holders}>
        {(list) =>
          list.holders.length === 0 ? (
            <p>No transaction holds a snapshot any more.</p>
          ) : (
            <ul class="holders">
              {list.holders.map((holder) => (
                <Holder key={holder.pid} holder={holder} />
              ))}
            </ul>
          )
        }
      </LoadView>
    </>
  );
}

function Holder({ holder }: { holder: SnapshotHolder }) {
  return (
    <li class="holder">
      <dl class="facts">
        <Fact name="Pid">{holder.pid}</Fact>
        <Fact name="Application">
          {holder.applicationName === "" ? "without a name" : holder.applicationName}
        </Fact>
        <Fact name="User">{holder.user}</Fact>
        <Fact name="State">{holder.state}</Fact>
        <Fact name="Open for">{durationText(holder.ageMs)}</Fact>
        <Fact name="Since">
          <Time at={holder.since} absolute />
        </Fact>
      </dl>
      {holder.query === null ? (
        <p class="quiet">The transaction's query is not shown here.</p>
      ) : (
        <>
          <p class="quiet">Its last query</p>
          <pre class="error-text">{holder.query}</pre>
        </>
      )}
      <p class="quiet">To end the session, and to roll its transaction back, run:</p>
      <EndStatement pid={holder.pid} />
    </li>
  );
}
