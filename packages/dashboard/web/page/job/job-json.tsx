import type { JobDetail } from "@millrace/api/client";
import { HIDDEN, REDACTED } from "../../text/redacted.ts";
import { Hidden } from "../../ui/hidden.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Panel } from "../../ui/panel.tsx";

/** The JSON of a job: what went in, what came out, what the handler told on the way. Empty parts are left out. */
export function JobJson({ job }: { job: JobDetail }) {
  const { payload, output, progress, metadata, redacted } = job;
  return (
    <>
      <Part title="Payload" json={payload} redacted={redacted} />
      {output === null ? null : <Part title="Output" json={output} redacted={redacted} />}
      {progress === null ? null : <Part title="Progress" json={progress} redacted={redacted} />}
      {metadata === "{}" ? null : <Part title="Metadata" json={metadata} redacted={redacted} />}
    </>
  );
}

function Part({ title, json, redacted }: { title: string; json: string; redacted: readonly string[] }) {
  const isRedacted = json.includes(REDACTED);
  return (
    <Panel
      title={title}
      tools={
        isRedacted ? (
          <span class="quiet">
            The server redacts <Redacted json={json} paths={redacted} />
          </span>
        ) : null
      }
    >
      {json === HIDDEN ? <Hidden /> : <JsonView json={json} label={title} />}
    </Panel>
  );
}

/** What is redacted: some paths, or all where the JSON is too large to be redacted value by value. */
function Redacted({ json, paths }: { json: string; paths: readonly string[] }) {
  if (json === REDACTED) return <>all of it</>;
  return (
    <>
      {paths.map((path, index) => (
        <span key={path}>
          {index === 0 ? "" : ", "}
          <code>{path}</code>
        </span>
      ))}
    </>
  );
}
