import type { JobSelection } from "@millrace/api/client";
import { jsonProblem } from "../../text/json-problem.ts";
import { parseRange, rangeBounds } from "./time-range.ts";

/** The states by which jobs can be filtered, in the order of a job's life. */
export const STATES = ["queued", "running", "completed", "failed", "canceled"] as const;

/** One of `STATES`. */
export type State = (typeof STATES)[number];

/** The filters of the Jobs page, each as the text that was typed. Empty: not filtered. */
export interface JobFilters {
  state: State | "";
  queue: string;
  type: string;
  tags: readonly string[];
  key: string;
  /** JSON that the payload contains. */
  payload: string;
  /** What the last error includes. */
  error: string;
  /** An id, or its last characters. */
  id: string;
  /** The name or the id of a schedule. */
  schedule: string;
  /** Ranges as `parseRange` reads them. */
  created: string;
  finished: string;
  order: "newest" | "oldest-due";
}

/** No filter. */
export const NO_FILTERS: JobFilters = {
  state: "",
  queue: "",
  type: "",
  tags: [],
  key: "",
  payload: "",
  error: "",
  id: "",
  schedule: "",
  created: "",
  finished: "",
  order: "newest",
};

const TEXTS = ["queue", "type", "key", "payload", "error", "id", "schedule", "created", "finished"] as const;

/** Reads the filters from the page's address. What the address says wrongly is not filtered. */
export function readFilters(query: URLSearchParams): JobFilters {
  const text = (name: string) => query.get(name)?.trim() ?? "";
  return {
    ...NO_FILTERS,
    ...Object.fromEntries(TEXTS.map((name) => [name, text(name)])),
    state: STATES.find((state) => state === text("state")) ?? "",
    tags: query.getAll("tag").filter((tag) => tag !== ""),
    order: text("order") === "oldest-due" ? "oldest-due" : "newest",
  };
}

/** Writes the filters for the page's address: only those that are set. */
export function writeFilters(filters: JobFilters): URLSearchParams {
  const query = new URLSearchParams();
  if (filters.state !== "") query.set("state", filters.state);
  for (const name of TEXTS) if (filters[name] !== "") query.set(name, filters[name]);
  for (const tag of filters.tags) query.append("tag", tag);
  if (filters.order !== "newest") query.set("order", filters.order);
  return query;
}

/** What a filter says wrongly, by the name of the filter. */
export type FilterErrors = Partial<Record<keyof JobFilters, string>>;

/** Checks what was typed, before it is sent. */
export function filterErrors(filters: JobFilters): FilterErrors {
  const errors: FilterErrors = {};
  if (filters.payload !== "" && jsonProblem(filters.payload) !== null) {
    errors.payload = 'Write JSON, such as {"user": 42}.';
  }
  if (filters.id !== "" && idSelection(filters.id) === null) {
    errors.id = "Write an id, or at least its last 4 characters: digits and a to f.";
  }
  for (const name of ["created", "finished"] as const) {
    if (filters[name] !== "" && parseRange(filters[name]) === null) {
      errors[name] = "Write a while such as 24h, or choose two instants.";
    }
  }
  return errors;
}

/**
 * The filters as the API takes them. Call `filterErrors` first, because wrong filters are left out here. `now` fixes
 * relative ranges, so that a count and the change that follows are of the same jobs. `scheduleId` is the id of the
 * schedule that the filters name.
 */
export function selectionOf(
  filters: JobFilters,
  { now, scheduleId }: { now: Date; scheduleId: string | null },
): Partial<JobSelection> {
  const { state, queue, type, tags, key, payload, error, id } = filters;
  return {
    ...(state === "" ? {} : { state }),
    ...(queue === "" ? {} : { queue }),
    ...(type === "" ? {} : { type }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(key === "" ? {} : { idempotencyKey: key }),
    ...(payload === "" ? {} : { payloadContains: payload }),
    ...(error === "" ? {} : { errorIncludes: error }),
    ...(id === "" ? {} : idSelection(id)),
    ...(scheduleId === null ? {} : { scheduleId }),
    ...boundsOf(filters.created, now, { after: "createdAfter", before: "createdBefore" }),
    ...boundsOf(filters.finished, now, { after: "finishedAfter", before: "finishedBefore" }),
  };
}

type Bound = "createdAfter" | "createdBefore" | "finishedAfter" | "finishedBefore";

function boundsOf(
  text: string,
  now: Date,
  names: { after: Bound; before: Bound },
): Partial<Record<Bound, string>> {
  const range = text === "" ? null : parseRange(text);
  if (range === null) return {};
  const { after, before } = rangeBounds(range, now);
  return {
    ...(after === null ? {} : { [names.after]: after.toISOString() }),
    ...(before === null ? {} : { [names.before]: before.toISOString() }),
  };
}

const WHOLE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a whole id. */
export const isWholeId = (text: string): boolean => WHOLE_ID.test(text.toLowerCase());

/** A whole id, the beginning of an id with its first hyphen, or its last 4 to 12 characters. Null: none of them. */
function idSelection(text: string): Pick<JobSelection, "ids"> | Partial<JobSelection> | null {
  const id = text.toLowerCase().replace(/^…/, "");
  if (isWholeId(id)) return { ids: [id] };
  if (/^[0-9a-f]{4,12}$/.test(id)) return { idSuffix: id };
  return /^[0-9a-f]{8}-[0-9a-f-]{0,26}$/.test(id) ? { idPrefix: id } : null;
}
