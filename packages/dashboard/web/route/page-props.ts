import type { PathParams } from "./match-path.ts";

/** What a page is given. */
export interface PageProps {
  params: PathParams;
}
