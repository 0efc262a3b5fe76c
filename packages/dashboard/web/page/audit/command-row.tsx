import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { href } from "../../route/location.ts";
import { undo } from "../../state/act.ts";
import { nowMs } from "../../state/clock.ts";
import { may } from "../../state/session.ts";
import { countText, figureText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { JobLink } from "../../ui/links.tsx";
import { Time } from "../../ui/time.tsx";
import { type AuditedCommand, isUndoable } from "./audited-command.ts";
import { commandText, type Target } from "./command-text.ts";
import { mayUndo } from "./undo-permission.ts";

/** One command: when, who, what with its arguments, how many, and the undo while it can be undone. */
export function CommandRow({ command }: { command: AuditedCommand }) {
  return (
    <tr class="audit-row">
      <td data-label="When" class="audit-when">
        <Time at={command.endedAt} />
      </td>
      <td data-label="Who" class="audit-who">
        <div>
          <span class="audit-name">{command.who}</span>
          <span class="quiet">{command.via}</span>
        </div>
      </td>
      <td data-label="What" class="audit-what">
        <div>
          <What command={command} />
          <Before command={command} />
        </div>
      </td>
      <td data-label="Changed" class="number">
        <span>
          {figureText(command.changed)}
          {command.rows > 1 ? <span class="quiet"> in {countText(command.rows, "step")}</span> : null}
        </span>
      </td>
      <td class="audit-undo">
        <UndoButton command={command} />
      </td>
    </tr>
  );
}

function What({ command: { action, filter } }: { command: AuditedCommand }) {
  const { title, target, arguments: told } = commandText(action, filter);
  return (
    <>
      <span class="audit-title" title={action}>
        {title}
      </span>{" "}
      {target === null ? null : <TargetLink target={target} />}
      {told.length === 0 ? null : (
        <ul class="arguments">
          {told.map(({ label, value }) => (
            <li key={label}>
              <span class="quiet">{label}</span> {value === "" ? null : <span class="value">{value}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function TargetLink({ target: { kind, name } }: { target: Target }) {
  if (kind === "job") return <JobLink id={name} />;
  const part = encodeURIComponent(name);
  const to = {
    queue: `/queues?queue=${part}`,
    schedule: `/schedules/${part}`,
    command: `/audit?command=${part}`,
  };
  return <a href={href(to[kind])}>{kind === "command" ? name.slice(0, 8) : name}</a>;
}

/** What was changed, as it was before: folded, because it may be long. */
function Before({ command: { before, changed, filter } }: { command: AuditedCommand }) {
  const [open, setOpen] = useState(false);
  const rest = before.length < changed && before.length > 0 ? ` The first ${before.length} are shown.` : "";
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Details</summary>
      {open ? (
        <>
          <p class="fold-title">Arguments</p>
          <JsonView json={JSON.stringify(filter)} label="Arguments" />
          <p class="fold-title">Before</p>
          {before.length === 0 ? (
            <p class="quiet">The former state was not kept.</p>
          ) : (
            <>
              {rest === "" ? null : <p class="quiet">{rest}</p>}
              <JsonView json={JSON.stringify(before)} label="State before" />
            </>
          )}
        </>
      ) : null}
    </details>
  );
}

/** Undoes the command, while there is time. What moved on since stays as it is. */
function UndoButton({ command }: { command: AuditedCommand }) {
  const [undoing, setUndoing] = useState(false);
  const left = useComputed(() => Math.max(0, Date.parse(command.undoUntil ?? "") - nowMs.value));
  const isInTime = isUndoable(command, new Date(nowMs.value).toISOString());
  if (!isInTime || !mayUndo(command.action, may)) return null;
  const onUndo = async () => {
    setUndoing(true);
    await undo(command.commandId);
    setUndoing(false);
  };
  return (
    <button
      type="button"
      class="button small"
      disabled={undoing}
      title={`Can be undone for ${durationText(left.value)}`}
      onClick={onUndo}
    >
      {undoing ? "Undoing…" : "Undo"}
    </button>
  );
}
