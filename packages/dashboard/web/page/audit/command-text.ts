/** A part of a command's arguments, for people. */
export interface Argument {
  label: string;
  value: string;
}

/** What a command was about, where this is one thing with a page of its own. */
export interface Target {
  kind: "job" | "queue" | "schedule" | "command";
  name: string;
}

/** A command in words. */
export interface CommandText {
  title: string;
  target: Target | null;
  arguments: Argument[];
}

/** Each action by its name in the library: its words, and the argument that names its target. */
const ACTIONS: Readonly<Record<string, { title: string; target?: readonly [Target["kind"], string] }>> = {
  cancel: { title: "Cancel a job", target: ["job", "id"] },
  retry: { title: "Retry a job", target: ["job", "id"] },
  runNow: { title: "Run a job now", target: ["job", "id"] },
  change: { title: "Change a job", target: ["job", "id"] },
  delete: { title: "Delete a job", target: ["job", "id"] },
  enqueue: { title: "Enqueue a job", target: ["job", "id"] },
  duplicate: { title: "Duplicate a job", target: ["job", "id"] },
  cancelMany: { title: "Cancel jobs" },
  retryMany: { title: "Retry jobs" },
  runNowMany: { title: "Run jobs now" },
  deleteMany: { title: "Delete jobs" },
  prune: { title: "Prune ended jobs" },
  pause: { title: "Pause a queue", target: ["queue", "name"] },
  resume: { title: "Resume a queue", target: ["queue", "name"] },
  setQueue: { title: "Change a queue's settings", target: ["queue", "name"] },
  undo: { title: "Undo a command", target: ["command", "commandId"] },
  "schedules.create": { title: "Create a schedule" },
  "schedules.ensure": { title: "Create a schedule" },
  "schedules.update": { title: "Change a schedule", target: ["schedule", "name"] },
  "schedules.enable": { title: "Enable a schedule", target: ["schedule", "name"] },
  "schedules.disable": { title: "Disable a schedule", target: ["schedule", "name"] },
  "schedules.delete": { title: "Delete a schedule", target: ["schedule", "name"] },
  "schedules.runNow": { title: "Run a schedule now", target: ["schedule", "name"] },
  "schedules.reconcile": { title: "Reconcile schedules with code" },
};

/** The words for arguments whose names are not words. */
const LABELS: Readonly<Record<string, string>> = {
  all: "all jobs",
  scheduleId: "schedule",
  idCount: "number of ids",
  idPrefix: "id begins with",
  idSuffix: "id ends with",
  idempotencyKey: "key",
  payloadContains: "payload contains",
  errorIncludes: "error includes",
  createdBefore: "enqueued before",
  createdAfter: "enqueued since",
  finishedBefore: "ended before",
  finishedAfter: "ended since",
  dueBefore: "due before",
  olderThanMs: "ended more than this many ms ago",
  keepLast: "but the last",
  names: "schedules",
};

/** Arguments that say how a command continues, and nothing about which jobs it means. */
const STEPS: ReadonlySet<string> = new Set(["after", "limit"]);

/** An argument longer than this is cut: the folded part of the page shows the whole. */
const VALUE_MAX = 120;

/** A list of more values than this is cut. */
const LISTED_MAX = 3;

/** Arguments that have fields of their own: the new values. */
const NESTED: ReadonlySet<string> = new Set(["change", "patch", "schedule", "settings"]);

/** Says in words what a row of the audit log did, by its action and its arguments. */
export function commandText(action: string, filter: unknown): CommandText {
  const given = isRecord(filter) ? filter : {};
  const known = ACTIONS[action];
  const target = known?.target === undefined ? createdSchedule(given) : namedTarget(known.target, given);
  const fields = Object.entries(given).flatMap(([name, value]) =>
    NESTED.has(name) ? newValues(value) : [[name, value] as const],
  );
  return {
    title: known?.title ?? action,
    target,
    arguments: fields
      .filter(([name, value]) => !STEPS.has(name) && value != null && !isNamed(target, name, value))
      .map(([name, value]) => argument(name, value)),
  };
}

function namedTarget([kind, field]: readonly [Target["kind"], string], given: Fields): Target | null {
  const name = given[field];
  return typeof name === "string" ? { kind, name } : null;
}

/** The schedule that a creation names: its arguments are the schedule's fields. */
function createdSchedule({ schedule }: Fields): Target | null {
  return isRecord(schedule) ? namedTarget(["schedule", "name"], schedule) : null;
}

const isNamed = (target: Target | null, field: string, value: unknown) =>
  target !== null && value === target.name && ["id", "name", "commandId"].includes(field);

/** The new values of a change. Null is a new value as well. */
function newValues(value: unknown): (readonly [string, unknown])[] {
  if (value === null) return [["settings", "none"]];
  return isRecord(value) ? Object.entries(value).map(([name, each]) => [name, each ?? "none"] as const) : [];
}

function argument(name: string, value: unknown): Argument {
  const label = LABELS[name] ?? name;
  if (value === true) return { label, value: "" };
  const text = Array.isArray(value) ? listText(value.map(plain)) : plain(value);
  return { label, value: text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text };
}

/** The first values of a list, and how many more there are: a command may name hundreds of ids. */
function listText(values: readonly string[]): string {
  if (values.length <= LISTED_MAX) return values.join(", ");
  const shown = values.slice(0, LISTED_MAX - 1);
  return `${shown.join(", ")} and ${values.length - shown.length} more`;
}

const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
