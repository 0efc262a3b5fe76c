import { createApp } from "./create-app.ts";

const app = await createApp(process.env["DATABASE_URL"]);
await app.listen(3_000);
