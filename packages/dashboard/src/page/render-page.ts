import type { Manifest } from "../asset/read-manifest.ts";
import { escapeHtml } from "./escape-html.ts";

/**
 * Returns the HTML of every page. The base path stands in a meta element, for the script. Assets are named from the
 * root, because a page may be several folders deep.
 */
export function renderPage({ script, imported, styles }: Manifest, basePath: string): string {
  const address = (path: string) => escapeHtml(`${basePath}/${path}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="millrace-base" content="${escapeHtml(basePath)}">
<title>Millrace</title>
<link rel="icon" href="${escapeHtml(ICON)}">
${lines(styles, (path) => `<link rel="stylesheet" href="${address(path)}">`)}
${lines(imported, (path) => `<link rel="modulepreload" href="${address(path)}">`)}
<script type="module" src="${address(script)}"></script>
</head>
<body>
<div id="millrace"></div>
<noscript>The dashboard needs JavaScript.</noscript>
</body>
</html>
`;
}

function lines(paths: readonly string[], render: (path: string) => string): string {
  return paths.map(render).join("\n");
}

/** A mill's wheel, as a picture of a few bytes. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#2f6fde" stroke-width="2">' +
    '<circle cx="8" cy="8" r="5"/><path d="M8 1v14M1 8h14M3 3l10 10M13 3 3 13"/></svg>',
)}`;
