// Serves the data folder named by its argument until it is killed.
import { startEmbeddedPostgres } from "../../src/start-embedded-postgres.ts";

const dataDir = process.argv[2];
const server = await startEmbeddedPostgres(dataDir === undefined ? {} : { dataDir });
process.stdout.write(`url=${server.url}\n`);
setInterval(() => undefined, 60_000);
