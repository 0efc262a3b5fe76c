import { useComputed } from "@preact/signals";
import { nowMs } from "../state/clock.ts";
import { zone } from "../state/time-zone.ts";
import { durationText, relativeText } from "../text/duration.ts";
import { instantText, shortInstantText } from "../text/zoned-time.ts";

/**
 * An instant, as ISO text. Shows how far it is from now, and the whole instant when pointed at; with `absolute` the
 * instant itself. Null shows a dash, or `none`.
 */
export function Time({
  at,
  absolute = false,
  none = "–",
}: {
  at: string | null;
  absolute?: boolean;
  none?: string;
}) {
  if (at === null) return <span class="none">{none}</span>;
  return <Instant key={at} at={at} absolute={absolute} />;
}

function Instant({ at, absolute }: { at: string; absolute: boolean }) {
  const date = new Date(at);
  const whole = useComputed(() => instantText(date, zone.value));
  const relative = useComputed(() => relativeText(date.getTime(), nowMs.value));
  const shown = absolute ? whole : relative;
  return (
    <time dateTime={at} title={absolute ? relative : whole}>
      {shown}
    </time>
  );
}

/** An instant as the time of day, with its date where it is not today. */
export function ClockTime({ at }: { at: string }) {
  return <ClockInstant key={at} at={at} />;
}

function ClockInstant({ at }: { at: string }) {
  const date = new Date(at);
  const whole = useComputed(() => instantText(date, zone.value));
  const short = useComputed(() => shortInstantText(date, new Date(nowMs.value), zone.value));
  return (
    <time dateTime={at} title={whole}>
      {short}
    </time>
  );
}

/** How long something lasts that began at an instant and has not ended. */
export function Elapsed({ since }: { since: string }) {
  const text = useComputed(() => durationText(Math.max(0, nowMs.value - Date.parse(since))));
  return <span class="figure">{text}</span>;
}
