import { type AnyTask, isTask } from "@millrace/queue";
import { isSchedule, type ScheduleDeclaration } from "@millrace/scheduler";

/** The exports of one module of the folder of tasks. */
export interface ModuleExports {
  tasks: AnyTask[];
  schedules: ScheduleDeclaration[];
  /** Exports that contain tasks or schedules, such as an array. The worker does not load their contents. */
  holders: ExportedHolder[];
}

/** An array or object with tasks or schedules that the module does not also export directly. */
export interface ExportedHolder {
  exportName: string;
  kind: "an array" | "an object";
  /** The names of these tasks and schedules. */
  names: string[];
}

/** Sorts a module's exports into tasks, schedules, and holders of either. */
export function sortExports(exports: Readonly<Record<string, unknown>>): ModuleExports {
  const values = Object.values(exports);
  const holders: ExportedHolder[] = [];
  for (const [exportName, value] of Object.entries(exports)) {
    const names = contentsOf(value).flatMap((held) => (values.includes(held) ? [] : (nameOf(held) ?? [])));
    const kind = Array.isArray(value) ? "an array" : "an object";
    if (names.length > 0) holders.push({ exportName, kind, names });
  }
  return { tasks: values.filter(isTask), schedules: values.filter(isSchedule), holders };
}

/** Describes a module's exports for a message: `only send (function), default (object)`, or `nothing`. */
export function describeExports(exports: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(exports).map(([name, value]) => `${name} (${kindOf(value)})`);
  return shown.length === 0 ? "nothing" : `only ${shown.join(", ")}`;
}

function contentsOf(value: unknown): unknown[] {
  if (isTask(value) || isSchedule(value)) return [];
  if (Array.isArray(value)) return value;
  return isPlainObject(value) ? Object.values(value) : [];
}

/** Excludes objects of a class, because reading their properties could have an effect. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string | undefined {
  if (isTask(value)) return value.name;
  return isSchedule(value) ? value.fields.name : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
