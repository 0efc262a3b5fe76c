import type { ApiParts } from "../operation.ts";
import { addOpenapi } from "./openapi.ts";
import { addSession } from "./session.ts";

/** Adds every route of the API. */
export function addRoutes(parts: ApiParts): void {
  addSession(parts);
  addOpenapi(parts);
}
