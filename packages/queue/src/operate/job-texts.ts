/** The JSON of a job as PostgreSQL writes it. No number is rounded. */
export interface JobTexts {
  id: string;
  /** Null if the text is longer than `bytesMax`, as PostgreSQL writes it or as it was enqueued. */
  payload: string | null;
  /** Null without an output, and if the text is longer than `bytesMax`. */
  output: string | null;
  /** Null without a progress, and if the text is longer than `bytesMax`. */
  progress: string | null;
  metadata: string;
}

/** The options of `texts`. */
export interface TextsOptions {
  /** How many bytes of UTF-8 a text has at most, from 1. Default: any number. */
  bytesMax?: number;
}
