import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type { INestApplication } from "@nestjs/common";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../src/create-app.ts";

const database = useTestDatabase();
let app: INestApplication;
let url: string;
beforeAll(async () => {
  app = await createApp(database.url);
  await app.listen(0, "127.0.0.1");
  url = await app.getUrl();
});
afterAll(() => app.close());

test("a request stores an image, and a job resizes it", async () => {
  const answer = await fetch(`${url}/images`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ width: 4_000 }),
  });
  const { imageId } = (await answer.json()) as { imageId: number };

  expect(answer.status).toBe(201);
  const width = async () =>
    ((await (await fetch(`${url}/images/${imageId}`)).json()) as { width: number }).width;
  await waitFor(async () => (await width()) === 640, { description: "the image to be resized" });
});
