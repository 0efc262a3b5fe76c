import { MillraceError } from "@millrace/queue";
import { type SettingName, variableName } from "../config/settings.ts";

/** A setting of the worker that says what the jobs of a built-in task may reach. */
export type AllowingSetting = Extract<SettingName, "httpHosts" | "pruneTables" | "refreshViews">;

/**
 * A job of a built-in task asks for something that the worker's configuration does not allow. Nothing was done. The
 * job fails at once, because another attempt on this worker would be refused as well.
 */
export class NotAllowedError extends MillraceError {
  readonly code = "NOT_ALLOWED";
  readonly retryable = false;
  /** The setting that would allow it. */
  readonly setting: AllowingSetting;
  /** What the job asked for: a host, or the name of a table or view. */
  readonly target: string;
  /** The addresses of the host that were refused. Empty when the host itself is not named, and for a relation. */
  readonly addresses: readonly string[];
  constructor(
    message: string,
    options: ErrorOptions & { setting: AllowingSetting; target: string; addresses?: readonly string[] },
  ) {
    super(message, options);
    this.setting = options.setting;
    this.target = options.target;
    this.addresses = options.addresses ?? [];
  }
}

/** How messages name a setting: in the config file, and as a variable. */
export function settingText(setting: AllowingSetting): string {
  return `${setting} (${variableName(setting)})`;
}
