/** The terminal that a command runs in. Each part of it may be missing: output may go to a file, for instance. */
export interface Terminal {
  /** Whether standard output goes to a terminal. */
  readonly isOutput: boolean;
  /** Returns the width of the terminal in characters; undefined if standard output is no terminal. */
  columns(): number | undefined;
  /** Returns the height of the terminal in lines; undefined if standard output is no terminal. */
  rows(): number | undefined;
  /** Asks the person a question, and resolves with the typed line. Undefined: nobody can be asked. */
  readonly ask?: (question: string) => Promise<string>;
  /** Begins to listen for the keys q and Ctrl-C, and for the signals that end a program. */
  listenForQuit(): QuitListener;
}

/** Tells when the person wants a command to end. */
export interface QuitListener {
  /** Is aborted when the person wants the command to end. */
  readonly signal: AbortSignal;
  /** Stops listening, and gives the keyboard back. */
  close(): void;
}
