import { useState } from "preact/hooks";
import "./audit.css";
import { href, query } from "../../route/location.ts";
import { ProblemBanner } from "../../ui/banner.tsx";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { auditedCommands } from "./audited-command.ts";
import { CommandRow } from "./command-row.tsx";
import { type AuditLog, useAudit } from "./use-audit.ts";

/** What people and programs changed, the newest command first. `?command=` shows one command alone. */
export function AuditPage() {
  const commandId = query.value.get("command");
  const log = useAudit(commandId);
  return (
    <>
      <PageHead title="Audit" name="Audit" />
      {commandId === null ? null : (
        <p class="quiet">
          Only one command is shown. <a href={href("/audit")}>Show all commands</a>
        </p>
      )}
      <LoadView loaded={log.newest}>{() => <Commands log={log} />}</LoadView>
    </>
  );
}

function Commands({ log }: { log: AuditLog }) {
  const commands = auditedCommands(log.entries);
  if (commands.length === 0) {
    return (
      <Empty title="Nothing was changed yet">
        What people change here or with <code>millrace</code> is listed on this page, with who changed it.
      </Empty>
    );
  }
  return (
    <>
      <div class="table-scroll">
        <table class="table cards">
          <caption class="off-screen">Commands, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col" class="number">
                Changed
              </th>
              <th scope="col">
                <span class="off-screen">Undo</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {commands.map((command) => (
              <CommandRow key={command.commandId} command={command} />
            ))}
          </tbody>
        </table>
      </div>
      <Older log={log} />
    </>
  );
}

function Older({ log: { loadOlder, olderProblem } }: { log: AuditLog }) {
  const [loading, setLoading] = useState(false);
  if (loadOlder === null) return null;
  const onLoad = async () => {
    setLoading(true);
    await loadOlder();
    setLoading(false);
  };
  return (
    <>
      {olderProblem === null ? null : <ProblemBanner problem={olderProblem} />}
      <p class="pager">
        <button type="button" class="button" disabled={loading} onClick={onLoad}>
          {loading ? "Loading…" : "Older"}
        </button>
      </p>
    </>
  );
}
