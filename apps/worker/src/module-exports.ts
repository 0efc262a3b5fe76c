import { type AnyTask, isTask } from "@millrace/queue";
import { isSchedule, type ScheduleDeclaration } from "@millrace/scheduler";

/** What a module of the folder of tasks exports. */
export interface ModuleExports {
  tasks: AnyTask[];
  schedules: ScheduleDeclaration[];
  /** Exports that only hold tasks or schedules, such as an array: nothing would load these. */
  holders: ExportedHolder[];
}

/** An array or object that holds tasks or schedules which the module does not export by themselves. */
export interface ExportedHolder {
  exportName: string;
  kind: "an array" | "an object";
  /** The names of what it holds. */
  names: string[];
}

/** Sorts what a module exports. */
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

/** What a module exports, in words for a message: `only send (function), default (object)`, or `nothing`. */
export function describeExports(exports: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(exports).map(([name, value]) => `${name} (${kindOf(value)})`);
  return shown.length === 0 ? "nothing" : `only ${shown.join(", ")}`;
}

function contentsOf(value: unknown): unknown[] {
  if (isTask(value) || isSchedule(value)) return [];
  if (Array.isArray(value)) return value;
  return isPlainObject(value) ? Object.values(value) : [];
}

/** Objects of a class are left alone: reading their properties could have an effect. */
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
