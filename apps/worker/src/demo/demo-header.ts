/** Returns the text that the demo prints at its start. */
export function demoHeader({
  url,
  version,
  dataDir,
  dashboard,
}: {
  url: string;
  version: string;
  dataDir: string;
  /** A line about the dashboard; null: the demo has none. */
  dashboard: string | null;
}): string {
  return `
  Millrace demo
${dashboard === null ? "" : `\n  ${dashboard}\n`}
  PostgreSQL ${version}, its data in ${dataDir}
    ${url}

  In another terminal:
    export MILLRACE_DATABASE_URL=${url}
    npx --yes pnpm@12 millrace jobs list
    npx --yes pnpm@12 millrace schedules list
    npx --yes pnpm@12 millrace --help

  On a database of your own:
    MILLRACE_DATABASE_URL=postgres://user@host:5432/database npx --yes pnpm@12 worker

  Ctrl-C stops all of it. The data is kept for the next start.
`;
}
