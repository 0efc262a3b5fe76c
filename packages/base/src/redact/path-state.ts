import { ANY, DEEP, type RedactedPath } from "./redacted-path.ts";

/** The first `at` segments of a path fit the keys that lead to a value. */
interface Position {
  path: RedactedPath;
  at: number;
}

/**
 * How many positions the states of one scan may have in all. Paths such as `**.a.*.*.*.*` have a state for each way
 * that a text takes to its values: without an end, a long text would keep the process for minutes.
 */
const POSITIONS_MAX = 500_000;

/** The data that all states of one scan share. */
interface Machine {
  /** Whether a position in an array fits every number of a path. */
  anyIndex: boolean;
  /** The states by their positions, so that each is made once. */
  states: Map<string, PathState>;
  numbers: Map<RedactedPath, number>;
  /** How many positions the states have that were made. */
  positions: number;
}

/** How far the keys that lead to a value fit each of the paths. A step is one look-up, however many paths there are. */
export interface PathState {
  /** The names of the paths that end here: the value is redacted. */
  readonly ends: readonly string[];
  /** Whether no path goes on from here. */
  readonly isDead: boolean;
  /** The state one step further: at a key of an object, or at a position of an array. */
  after(key: string, isIndex: boolean): PathState;
}

/** Returns the state at the root of a JSON value. Throws `RangeError`, as steps do, for too many positions. */
export function rootState(paths: readonly RedactedPath[], { anyIndex }: { anyIndex: boolean }): PathState {
  const numbers = new Map(paths.map((path, number) => [path, number]));
  return stateOf(
    { anyIndex, states: new Map(), numbers, positions: 0 },
    paths.map((path) => ({ path, at: 0 })),
  );
}

/** The kind of a key that no path has at a state. No other kind below has this name. */
const OTHER = "other";

function stateOf(machine: Machine, reached: readonly Position[]): PathState {
  const positions = withoutDeep(machine, reached);
  const name = [...positions.keys()].sort().join(" ");
  const known = machine.states.get(name);
  if (known !== undefined) return known;
  machine.positions += positions.size;
  if (machine.positions > POSITIONS_MAX) throw new RangeError("The paths have too many states in this text.");
  const state = createState(machine, [...positions.values()]);
  machine.states.set(name, state);
  return state;
}

function createState(machine: Machine, positions: readonly Position[]): PathState {
  const segments = positions.map(({ path, at }) => path.segments[at]);
  const next = new Map<string, PathState>();
  return {
    ends: positions.filter(({ path, at }) => at === path.segments.length).map(({ path }) => path.name),
    isDead: segments.every((segment) => segment === undefined),
    after(key, isIndex) {
      const fitsNumbers = machine.anyIndex && isIndex;
      const kind = fitsNumbers ? "number" : segments.includes(key) ? `key ${key}` : OTHER;
      const known = next.get(kind);
      if (known !== undefined) return known;
      const state = stateOf(machine, stepped(positions, key, fitsNumbers));
      next.set(kind, state);
      return state;
    },
  };
}

function stepped(positions: readonly Position[], key: string, fitsNumbers: boolean): Position[] {
  return positions.flatMap(({ path, at }) => {
    const segment = path.segments[at];
    if (segment === DEEP) return { path, at };
    const fits =
      segment === ANY ||
      segment === key ||
      (fitsNumbers && typeof segment === "string" && /^\d+$/.test(segment));
    return fits ? { path, at: at + 1 } : [];
  });
}

/** Adds the position after each `**`, which also stands for no key at all. Returns each position once, by its name. */
function withoutDeep({ numbers }: Machine, reached: readonly Position[]): Map<string, Position> {
  const all = new Map<string, Position>();
  for (const { path, at } of reached) {
    for (let next = at; ; next += 1) {
      all.set(`${numbers.get(path)}:${next}`, { path, at: next });
      if (path.segments[next] !== DEEP) break;
    }
  }
  return all;
}
