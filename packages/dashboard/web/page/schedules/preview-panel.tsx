import type { Preview, PreviewRequest, Problem } from "@millrace/api/client";
import { type Kept, useKept } from "../../data/use-kept.ts";
import { useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { zone } from "../../state/time-zone.ts";
import { instantText } from "../../text/zoned-time.ts";
import { Icon } from "../../ui/icons.tsx";
import { Time } from "../../ui/time.tsx";
import { askedTicks, limitedLines, type TickLimits } from "./limited-lines.ts";
import { type PreviewedForm, previewRequest } from "./preview-request.ts";
import { useDebounced } from "./use-debounced.ts";

/** How long somebody must not have typed before a preview is asked for. */
const DEBOUNCE_MS = 300;

/** How many ticks a form shows. */
const TICKS = 8;

/** A preview, and the zone whose clock its ticks are shown by. */
interface ZonedPreview {
  preview: Preview;
  timezone: string;
}

/**
 * Loads the preview of a form, once nobody has typed for a moment. Null while the form has no cadence. The earlier
 * preview stays until the next one is loaded.
 */
export function usePreview(form: PreviewedForm, limits: TickLimits): Kept<ZonedPreview | null> {
  const request = previewRequest(form, zone.value, askedTicks(limits, TICKS));
  const settled = useDebounced(JSON.stringify(request), DEBOUNCE_MS);
  return useKept(
    useLoad(() => loadPreview(JSON.parse(settled) as PreviewRequest | null), `preview ${settled}`),
  );
}

async function loadPreview(request: PreviewRequest | null): Promise<ZonedPreview | null> {
  if (request === null) return null;
  // The ticks of an interval follow no zone.
  return { preview: await client.schedules.preview(request), timezone: request.timezone ?? "UTC" };
}

/** The cadence in words, its warnings, and the next ticks with the changes of the zone's clock between them. */
export function PreviewPanel({
  preview,
  limits,
}: {
  preview: Kept<ZonedPreview | null>;
  limits: TickLimits;
}) {
  const { value, problem, loading } = preview;
  return (
    <section class="preview" aria-label="Preview" aria-live="polite" aria-busy={loading}>
      {problem === undefined ? null : <PreviewProblem problem={problem} />}
      {value === null ? (
        <p class="quiet">The next ticks are shown here as soon as there is a cadence.</p>
      ) : null}
      {value == null ? null : <Ticks {...value} limits={limits} count={TICKS} />}
    </section>
  );
}

function PreviewProblem({ problem }: { problem: Problem }) {
  return (
    <p class="field-error">
      <Icon name="warning" /> {problem.detail}
    </p>
  );
}

/** The ticks to come, by the clock of the schedule's zone and by the viewer's. */
export function Ticks({
  preview: { description, warnings, lines },
  timezone,
  limits,
  count,
}: ZonedPreview & {
  limits: TickLimits;
  /** How many ticks to show at most. */
  count: number;
}) {
  const shown = limitedLines(lines, limits, count);
  const isTwoZones = timezone !== zone.value;
  return (
    <>
      <p class="preview-words">{description}</p>
      {warnings.map((text) => (
        <p key={text} class="warning-line">
          <Icon name="warning" /> {text}
        </p>
      ))}
      {shown.lines.length === 0 ? (
        <p class="quiet">{shown.note ?? "There is no further tick."}</p>
      ) : (
        <>
          <table class="table preview-ticks">
            <caption class="off-screen">The next ticks</caption>
            <thead>
              <tr>
                <th scope="col">{timezone}</th>
                {isTwoZones ? <th scope="col">{zone.value}</th> : null}
                <th scope="col" class="wide-only">
                  From now
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.lines.map((line) =>
                line.kind === "tick" ? (
                  <tr key={line.at}>
                    <td>{line.local}</td>
                    {isTwoZones ? <td>{instantText(new Date(line.at), zone.value)}</td> : null}
                    <td class="wide-only">
                      <Time at={line.at} />
                    </td>
                  </tr>
                ) : (
                  <tr key={`change ${line.at}`} class="clock-change">
                    <td colSpan={isTwoZones ? 3 : 2}>{line.text}</td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
          {shown.note === null ? null : <p class="quiet">{shown.note}</p>}
        </>
      )}
    </>
  );
}
