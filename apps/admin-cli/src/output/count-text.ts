/** Formats a whole number for people, with a comma between thousands. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** Formats a number of jobs: `1 job`, `5,431 failed jobs`. */
export function jobsText(count: number, kind = ""): string {
  return [countText(count), kind, count === 1 ? "job" : "jobs"].filter((word) => word !== "").join(" ");
}
