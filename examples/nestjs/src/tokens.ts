/** The pool of the application, as Nest injects it. */
export const POOL = Symbol("POOL");

/** The queue of the application. */
export const QUEUE = Symbol("QUEUE");

/** The tasks of the application. */
export const TASKS = Symbol("TASKS");
