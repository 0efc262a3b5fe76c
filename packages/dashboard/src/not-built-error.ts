import { MillraceError } from "@millrace/base";

/** The pages have not been built, so there is nothing to serve. A released package has its pages. */
export class DashboardNotBuiltError extends MillraceError {
  readonly code = "DASHBOARD_NOT_BUILT";
  readonly folder: string;
  constructor(folder: string, options?: ErrorOptions) {
    super(
      `The dashboard's pages are not built: ${folder} has no whole bundle. ` +
        "Build it: npx --yes pnpm@12 --filter @millrace/dashboard bundle",
      options,
    );
    this.folder = folder;
  }
}
