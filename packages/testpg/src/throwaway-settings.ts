/**
 * Settings for servers whose data nobody keeps. Commits do not wait for the disk, and torn pages after a power failure
 * do not matter. 300 connections let the test files of several packages share one server.
 */
export const throwawaySettings = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "on",
  max_connections: "300",
} as const;
