import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { Dashboard } from "../create-dashboard.ts";
import { type ServedDashboard, serveDashboard } from "./serve-dashboard.ts";

const served: ServedDashboard[] = [];

afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
});

function dashboard(): Dashboard & { closed: boolean } {
  const handle = async (request: Request) => new Response(`at ${new URL(request.url).pathname}`);
  return Object.assign(handle, {
    closed: false,
    async close() {
      this.closed = true;
    },
  });
}

async function serve(options: Parameters<typeof serveDashboard>[1], which = dashboard()) {
  const one = await serveDashboard(which, options);
  served.push(one);
  return one;
}

const portOf = ({ origin }: ServedDashboard) => Number(new URL(origin).port);

test("a dashboard answers at its origin, until it is closed", async () => {
  const which = dashboard();
  const one = await serveDashboard(which, { port: 0 });

  expect(await (await fetch(`${one.origin}/jobs`)).text()).toBe("at /jobs");
  await one.close();
  expect(which.closed).toBe(true);
  await expect(fetch(one.origin)).rejects.toThrow();
});

test("a port that is taken is told, or the next free one is taken", async () => {
  const first = await serve({ port: 0 });

  await expect(serve({ port: portOf(first) })).rejects.toMatchObject({
    code: "CANNOT_LISTEN",
    message: `The dashboard cannot listen: port ${portOf(first)} of 127.0.0.1 is taken; choose another port.`,
  });
  const second = await serve({ port: portOf(first), orNextPort: true });
  expect(portOf(second)).toBeGreaterThan(portOf(first));
});

test("an address of another machine is refused", async () => {
  await expect(serve({ port: 0, host: "192.0.2.1" })).rejects.toMatchObject({ code: "CANNOT_LISTEN" });
});

test("with loopback hosts alone, a request for another name is refused", async () => {
  const one = await serve({ port: 0, loopbackHosts: true });
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      const sent = request({ port: portOf(one), host: "127.0.0.1", headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });

  expect(await statusFor("evil.example")).toBe(421);
  expect(await statusFor(`localhost:${portOf(one)}`)).toBe(200);
});
