import { waitFor } from "@millrace/testpg";
import type { Page } from "playwright-core";
import type { RunCommand } from "./commands.ts";
import type { Pictures } from "./pictures.ts";
import type { Shop } from "./shop.ts";

/** What the steps of the walk use. */
interface Walk {
  readonly shop: Shop;
  readonly pictures: Pictures;
  /** Runs a command, and keeps what a reader sees: the command, and what it prints. */
  run(name: string, argv: readonly string[]): Promise<void>;
}

/** Walks through the incident: takes the pictures, and returns what the commands printed, by the names of the steps. */
export async function walkThroughIncident(
  shop: Shop,
  pictures: Pictures,
  command: RunCommand,
): Promise<Map<string, string>> {
  const outputs = new Map<string, string>();
  const walk: Walk = {
    shop,
    pictures,
    async run(name, argv) {
      const printed = await command(argv);
      outputs.set(name, `$ millrace ${argv.map(quoted).join(" ")}\n${printed}`);
    },
  };
  await look(walk);
  await findTheKind(walk);
  await pause(walk);
  const invoice = await explainOne(walk);
  await undoMistake(walk, invoice);
  await fix(walk, invoice);
  await resumeAndRetry(walk);
  await check(walk);
  return outputs;
}

/** An argument as a person types it. */
const quoted = (argument: string) => (/[\s"{}'*…]/.test(argument) ? `'${argument}'` : argument);

const shortId = (id: string) => `…${id.slice(-6)}`;

async function look({ pictures, run }: Walk): Promise<void> {
  const page = await pictures.open("/", { height: 960 });
  await page.locator(".chart-place canvas").nth(2).waitFor();
  await page
    .getByRole("link", { name: /ECONNREFUSED/ })
    .first()
    .waitFor();
  await pictures.take("overview", page);
  await run("top", ["top", "--once"]);
}

async function findTheKind({ pictures, run }: Walk): Promise<void> {
  const page = await pictures.open("/failures?period=1h", { height: 560 });
  await page.getByRole("button", { name: "Retry all" }).first().waitFor();
  await pictures.take("failures", page);
  await run("failures", ["jobs", "failures", "--finished-after", "1h ago"]);
}

async function pause({ pictures, run }: Walk): Promise<void> {
  const page = await pictures.open("/queues", { height: 460 });
  await page.getByRole("button", { name: "Pause mail" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).waitFor();
  await pictures.take("pause-queue", page);
  await run("pause", ["queues", "pause", "mail"]);
}

/** Looks at an invoice whose address is wrong. Returns its id. */
async function explainOne({ shop, pictures, run }: Walk): Promise<string> {
  const [job] = await shop.queue.list({ type: "send-invoice", state: "queued", limit: 1 });
  if (job === undefined) throw new Error("no invoice waits");
  const page = await pictures.open(`/jobs/${job.id}`, { colorScheme: "dark", height: 800 });
  await page
    .getByText(/paused/)
    .first()
    .waitFor();
  await page.getByRole("heading", { name: "Attempts" }).waitFor();
  await pictures.take("explain-job", page);
  await run("explain", ["jobs", "explain", shortId(job.id)]);
  return job.id;
}

/** Cancels one job by the page and all invoices by the command, and takes both back. */
async function undoMistake({ pictures, run }: Walk, invoice: string): Promise<void> {
  const page = await pictures.open(`/jobs/${invoice}`, { height: 560 });
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the job" }).click();
  await page.getByText("The job is canceled").waitFor();
  await page.getByRole("button", { name: "Retry" }).first().waitFor();
  await pictures.take("undo", page);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Run now" }).first().waitFor();
  await run("mistake", ["jobs", "cancel", "--queue", "mail", "--yes"]);
  await run("undo", ["undo", "--last", "--yes"]);
}

async function fix({ shop, pictures, run }: Walk, invoice: string): Promise<void> {
  const { payload } = await shop.queue.get(invoice);
  const corrected = JSON.stringify(payload).replace(" example.com", "@example.com");
  const page = await pictures.open(`/jobs/${invoice}`, { height: 760 });
  await page.getByRole("button", { name: "Edit" }).first().click();
  await page.getByRole("dialog").getByLabel("Payload", { exact: true }).fill(pretty(corrected));
  await pictures.take("edit-payload", page);
  await run("change", ["jobs", "change", shortId(invoice), "--payload", corrected]);
}

const pretty = (json: string) => JSON.stringify(JSON.parse(json), null, 2);

async function resumeAndRetry({ shop, pictures, run }: Walk): Promise<void> {
  shop.provider.isUp = true;
  await run("resume", ["queues", "resume", "mail"]);
  const page = await pictures.open("/failures?period=1h", { height: 560 });
  await page
    .getByRole("row", { name: /ECONNREFUSED/ })
    .getByRole("button", { name: "Retry all" })
    .click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Retry \d+ jobs/ })
    .waitFor();
  await pictures.take("retry-kind", page);
  const [failed] = await shop.queue.list({ state: "failed", errorIncludes: "ECONNREFUSED", limit: 1 });
  if (failed === undefined) throw new Error("no receipt has failed");
  await run("dry-run", ["jobs", "retry", "--kind-of", shortId(failed.id), "--dry-run"]);
  await run("retry", ["jobs", "retry", "--kind-of", shortId(failed.id), "--yes"]);
  await waitFor(
    async () => (await shop.queue.count({ state: "failed", errorIncludes: "ECONNREFUSED" })).count === 0,
    {
      description: "the retried receipts to leave the failed jobs",
    },
  );
  await waitFor(async () => (await shop.queue.count({ state: "queued", type: "send-receipt" })).count === 0, {
    description: "the retried receipts to complete",
  });
}

async function check({ pictures, run }: Walk): Promise<void> {
  await run("failures-after", ["jobs", "failures", "--finished-after", "1h ago"]);
  await run("audit", ["audit", "list", "--limit", "5"]);
  const audit = await pictures.open("/audit", { colorScheme: "dark", height: 640 });
  await audit.getByText("Retry jobs").first().waitFor();
  await pictures.take("audit", audit);
  const phone = await pictures.open("/", { width: 360, height: 740 });
  await drawn(phone);
  await pictures.take("overview-phone", phone);
  const schedules = await pictures.open("/schedules", { height: 420 });
  await schedules.getByRole("link", { name: "nightly-report" }).waitFor();
  await pictures.take("schedules", schedules);
}

const drawn = (page: Page) => page.locator(".chart-place canvas").first().waitFor();
