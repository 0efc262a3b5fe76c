import { expect, test } from "vitest";
import { renderPage } from "./render-page.ts";

const manifest = {
  files: [],
  script: "assets/main-1.js",
  imported: ["assets/shared-2.js"],
  styles: ["assets/main-3.css"],
};

test("a page names its base path, and its assets from the root", () => {
  const page = renderPage(manifest, "/ops/millrace");

  expect(page).toContain('<meta name="millrace-base" content="/ops/millrace">');
  expect(page).toContain('<script type="module" src="/ops/millrace/assets/main-1.js"></script>');
  expect(page).toContain('<link rel="modulepreload" href="/ops/millrace/assets/shared-2.js">');
  expect(page).toContain('<link rel="stylesheet" href="/ops/millrace/assets/main-3.css">');
});

test("a page at the root has an empty base path", () => {
  const page = renderPage(manifest, "");

  expect(page).toContain('<meta name="millrace-base" content="">');
  expect(page).toContain('src="/assets/main-1.js"');
});

test("a base path cannot leave its attribute", () => {
  const page = renderPage(manifest, `/"><script>alert('$&')</script>`);

  expect(page).toContain('content="/&quot;&gt;&lt;script&gt;alert(&#39;$&amp;&#39;)&lt;/script&gt;"');
  expect(page).not.toContain("<script>");
});

test("a page has nothing inline that its policy would refuse", () => {
  const page = renderPage(manifest, "");

  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
  expect(page.match(/<script\b[^>]*>/g)).toEqual(['<script type="module" src="/assets/main-1.js">']);
});
