import { useKeys } from "./bindings.ts";

/**
 * Moves through the rows of the page's list with `j` and `k`, and selects with `x`. The list is the element with
 * `data-rows`. In each row, the link or button with `data-row` gets the focus, so Enter opens the row; a checkbox
 * anywhere in the `data-row-of` element around that link is what `x` clicks.
 */
export function useRowKeys(): void {
  useKeys([
    { keys: "j", label: "Next row", group: "Lists", run: () => move(1) },
    { keys: "k", label: "Previous row", group: "Lists", run: () => move(-1) },
    { keys: "x", label: "Select the row", group: "Lists", run: toggleRow },
  ]);
}

function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-rows] [data-row]")];
  const focused = document.activeElement?.closest("[data-row-of]")?.querySelector<HTMLElement>("[data-row]");
  const at = focused == null ? -1 : rows.indexOf(focused);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by;
  const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function toggleRow(): void {
  const row = document.activeElement?.closest("[data-row-of]");
  row?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
}
