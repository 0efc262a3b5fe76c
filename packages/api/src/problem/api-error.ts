import { MillraceError } from "@millrace/base";

/** What a refused request is answered with. */
export interface Refusal {
  status: number;
  /** Stays the same in all releases. */
  code: string;
  /** What happened, to what, and what to do. */
  detail: string;
  /** The field of the request that is wrong. */
  field?: string | undefined;
  headers?: Readonly<Record<string, string>>;
}

/** The API refuses a request. Nothing was changed. */
export class ApiError extends MillraceError {
  readonly code: string;
  readonly refusal: Refusal;
  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.detail, options);
    this.code = refusal.code;
    this.refusal = refusal;
  }
}
