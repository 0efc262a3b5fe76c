import { useEffect, useRef, useState } from "preact/hooks";

/** The rows that are selected: each by its id, or all that fit the filter. */
export interface Selection {
  ids: ReadonlySet<string>;
  all: boolean;
  /** Selects or unselects a row; with `through`, also the rows between it and the last one. */
  toggle: (id: string, options: { through: boolean }) => void;
  /** Selects or unselects all rows that are shown. */
  togglePage: () => void;
  selectAll: () => void;
  clear: () => void;
}

/** How many jobs one command takes by their ids. */
const IDS_MAX = 1_000;

/** Keeps which rows are selected, until `key` changes. */
export function useSelection(rows: readonly { id: string }[], key: string): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const last = useRef<string | null>(null);
  const clear = () => {
    setIds(new Set());
    setAll(false);
    last.current = null;
  };
  useEffect(clear, [key]);
  const wholePage = rows.length > 0 && rows.every(({ id }) => ids.has(id));
  return {
    ids,
    all,
    toggle: (id, { through }) => {
      setAll(false);
      setIds(toggled(ids, id, through ? between(rows, last.current, id) : [id]));
      last.current = id;
    },
    togglePage: () => {
      setAll(false);
      setIds(wholePage ? new Set() : new Set(rows.slice(0, IDS_MAX).map((row) => row.id)));
    },
    selectAll: () => setAll(true),
    clear,
  };
}

/** The set with the ids selected, or unselected if the first of them was selected. */
function toggled(before: ReadonlySet<string>, id: string, ids: readonly string[]): ReadonlySet<string> {
  const after = new Set(before);
  for (const each of ids) {
    if (before.has(id)) after.delete(each);
    else if (after.size < IDS_MAX) after.add(each);
  }
  return after;
}

/** The ids of the rows from one to another. */
function between(rows: readonly { id: string }[], from: string | null, to: string): string[] {
  const ends = [from, to].map((id) => rows.findIndex((row) => row.id === id));
  if (ends.includes(-1)) return [to];
  return rows.slice(Math.min(...ends), Math.max(...ends) + 1).map(({ id }) => id);
}
