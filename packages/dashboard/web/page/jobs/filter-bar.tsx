import { useState } from "preact/hooks";
import { showsPayloads } from "../../state/session.ts";
import { tagsOf, tagsText } from "../../text/tags.ts";
import { Field } from "../../ui/field.tsx";
import { FilterInput } from "../../ui/filter-input.tsx";
import { Icon } from "../../ui/icons.tsx";
import { type FilterErrors, type JobFilters, NO_FILTERS, STATES } from "./job-filters.ts";
import { RangeField } from "./range-field.tsx";

/** The filters behind "More filters". */
const MORE = ["tags", "key", "payload", "error", "created", "finished", "schedule", "order"] as const;

interface FilterBarProps {
  filters: JobFilters;
  errors: FilterErrors;
  queues: readonly string[];
  onChange: (part: Partial<JobFilters>) => void;
}

/** The filters of the Jobs page. A filter is applied when its field is left, or Enter is pressed. */
export function FilterBar(props: FilterBarProps) {
  const { filters, onChange } = props;
  const set = MORE.filter((name) => String(filters[name]) !== String(NO_FILTERS[name]));
  // On a narrow screen, open filters would push the jobs out of sight.
  const [open, setOpen] = useState(() => set.length > 0 && matchMedia("(width > 820px)").matches);
  const filtered = JSON.stringify(filters) !== JSON.stringify(NO_FILTERS);
  return (
    <search class="filters">
      <form class="filter-row" onSubmit={(event) => event.preventDefault()}>
        <StateFilter state={filters.state} onChange={onChange} />
        <TextFilter {...props} name="type" label="Type" first />
        <TextFilter {...props} name="queue" label="Queue" list="queue-names" />
        <TextFilter {...props} name="id" label="Id or its end" />
        <button type="button" class="button filter-more" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="settings" />
          More{set.length === 0 ? "" : ` (${set.length})`}
        </button>
        {filtered ? (
          <button type="button" class="button filter-more" onClick={() => onChange(NO_FILTERS)}>
            Clear
          </button>
        ) : null}
        {open ? <MoreFilters {...props} /> : null}
      </form>
      <datalist id="queue-names">
        {props.queues.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </search>
  );
}

/** The states side by side: the filter that people choose first, and most often. */
function StateFilter({
  state,
  onChange,
}: {
  state: JobFilters["state"];
  onChange: (part: Partial<JobFilters>) => void;
}) {
  return (
    <fieldset class="segments state-filter">
      <legend class="off-screen">State</legend>
      {(["", ...STATES] as const).map((each) => (
        <label key={each} class="segment">
          <input
            type="radio"
            name="state"
            checked={state === each}
            onChange={() => onChange({ state: each })}
          />
          {each === "" ? "all states" : each}
        </label>
      ))}
    </fieldset>
  );
}

/** A filter that is typed. */
function TextFilter({
  filters,
  errors,
  onChange,
  name,
  label,
  list,
  hint,
  first = false,
}: FilterBarProps & {
  name: "type" | "queue" | "id" | "key" | "payload" | "error" | "schedule";
  label: string;
  list?: string;
  hint?: string;
  first?: boolean;
}) {
  return (
    <Field label={label} error={errors[name] ?? null}>
      {(control) => (
        <FilterInput
          control={control}
          first={first}
          {...(list === undefined ? {} : { list })}
          {...(hint === undefined ? {} : { placeholder: hint })}
          value={filters[name]}
          onCommit={(value) => onChange({ [name]: value })}
        />
      )}
    </Field>
  );
}

function MoreFilters(props: FilterBarProps) {
  const { filters, errors, onChange } = props;
  return (
    <div class="filter-rest">
      <Field label="Tags, with commas">
        {(control) => (
          <FilterInput
            control={control}
            value={tagsText(filters.tags)}
            onCommit={(value) => onChange({ tags: tagsOf(value) })}
          />
        )}
      </Field>
      <TextFilter {...props} name="key" label="Key" />
      {showsPayloads() ? (
        <TextFilter {...props} name="payload" label="Payload contains" hint='{"user": 42}' />
      ) : null}
      <TextFilter {...props} name="error" label="Error includes" />
      <RangeField
        label="Created"
        value={filters.created}
        error={errors.created}
        onChange={(created) => onChange({ created })}
      />
      <RangeField
        label="Finished"
        value={filters.finished}
        error={errors.finished}
        onChange={(finished) => onChange({ finished })}
      />
      <TextFilter {...props} name="schedule" label="Schedule" hint="name or id" />
      <Field label="Order">
        {(control) => (
          <select
            {...control}
            class="select"
            value={filters.order}
            onChange={(event) =>
              onChange({ order: event.currentTarget.value === "oldest-due" ? "oldest-due" : "newest" })
            }
          >
            <option value="newest">Newest first</option>
            <option value="oldest-due">Due longest first</option>
          </select>
        )}
      </Field>
    </div>
  );
}
