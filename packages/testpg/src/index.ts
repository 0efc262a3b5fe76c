export {
  createTestDatabase,
  dropDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from "./create-test-database.ts";
export type { Environment } from "./environment.ts";
export { type HeldClock, heldClock } from "./held-clock.ts";
export { loadedModules } from "./loaded-modules.ts";
export type { OnLog } from "./log-tail.ts";
export { type OpenPools, openPools } from "./open-pools.ts";
export { prepareTemplate, type TemplateOptions } from "./prepare-template.ts";
export { rounds } from "./rounds.ts";
export { runTestpg } from "./run-testpg.ts";
export type { StopMode } from "./server-process.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";
export { type Proxy, startProxy } from "./start-proxy.ts";
export {
  type ReplicatedPostgres,
  type ReplicatedPostgresOptions,
  startReplicatedPostgres,
} from "./start-replicated-postgres.ts";
export { startTestServer, type TestServer, type TestServerOptions } from "./start-test-server.ts";
export { TestServerError, type TestServerErrorCode } from "./test-server-error.ts";
export { testedMajor } from "./tested-major.ts";
export { throwawaySettings } from "./throwaway-settings.ts";
export { WaitForError, type WaitForOptions, waitFor } from "./wait-for.ts";
