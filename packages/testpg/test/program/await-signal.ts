// Reports the server it was given, then waits; SIGTERM ends it with status 7.
process.on("SIGTERM", () => process.exit(7));
process.stdout.write(`pid=${process.pid} url=${process.env.TEST_DATABASE_URL}\n`);
setInterval(() => undefined, 60_000);
