import { useId, useState } from "preact/hooks";
import { zone } from "../../state/time-zone.ts";
import { durationText } from "../../text/duration.ts";
import { instantOfLocal, localInput } from "../../text/zoned-time.ts";
import { Field } from "../../ui/field.tsx";
import { FilterInput } from "../../ui/filter-input.tsx";
import { parseRange, rangeParam } from "./time-range.ts";

const WHILES: ReadonlyMap<string, string> = new Map([
  ["15m", "15 min"],
  ["1h", "1 h"],
  ["6h", "6 h"],
  ["24h", "24 h"],
  ["7d", "7 d"],
  ["30d", "30 d"],
]);

/** Chooses a range of time: any, the last while, or between two instants in the time zone of the pages. */
export function RangeField({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const range = value === "" ? null : parseRange(value);
  const [custom, setCustom] = useState(range?.kind === "between");
  const others = range?.kind === "last" && !WHILES.has(value) ? [value] : [];
  const onSelect = (chosen: string) => {
    setCustom(chosen === "custom");
    if (chosen !== "custom") onChange(chosen);
  };
  return (
    <Field label={label} error={error ?? null}>
      {(control) => (
        <>
          <select
            {...control}
            class="select"
            value={custom ? "custom" : value}
            onChange={(event) => onSelect(event.currentTarget.value)}
          >
            <option value="">Any time</option>
            {[...WHILES.keys(), ...others].map((each) => (
              <option key={each} value={each}>
                Last {lengthText(each)}
              </option>
            ))}
            <option value="custom">Between…</option>
          </select>
          {custom ? <Between label={label} value={value} onChange={onChange} /> : null}
        </>
      )}
    </Field>
  );
}

function Between({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const range = parseRange(value);
  const { from, to } = range?.kind === "between" ? range : { from: null, to: null };
  const set = (part: { from?: Date | null; to?: Date | null }) => {
    const next = { from, to, ...part };
    onChange(next.from === null && next.to === null ? "" : rangeParam({ kind: "between", ...next }));
  };
  return (
    <div class="between">
      {(["from", "to"] as const).map((end) => (
        <BoundField
          key={end}
          end={end}
          label={label}
          at={end === "from" ? from : to}
          onChange={(at) => set({ [end]: at })}
        />
      ))}
    </div>
  );
}

function BoundField({
  end,
  label,
  at,
  onChange,
}: {
  end: "from" | "to";
  label: string;
  at: Date | null;
  onChange: (at: Date | null) => void;
}) {
  const id = useId();
  return (
    <div class="bound">
      <label class="quiet" for={id}>
        <span class="off-screen">
          {label}, in {zone.value},
        </span>{" "}
        {end}
      </label>
      <FilterInput
        type="datetime-local"
        control={{ id }}
        value={at === null ? "" : localInput(at, zone.value)}
        onCommit={(text) => onChange(instantOfLocal(text, zone.peek()))}
      />
    </div>
  );
}

function lengthText(text: string): string {
  const known = WHILES.get(text);
  if (known !== undefined) return known;
  const range = parseRange(text);
  return range?.kind === "last" ? durationText(range.ms) : text;
}
