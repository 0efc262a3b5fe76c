import { createClient } from "@millrace/api/client";
import { basePath } from "../route/location.ts";
import { needsLogin } from "./login.ts";

/** The API of this dashboard. An answer that says who asks is unknown opens the login. */
export const client = createClient({
  base: `${basePath}/api`,
  fetch: async (url, init) => {
    const response = await fetch(url, { ...init, credentials: "same-origin" });
    if (response.status === 401) needsLogin.value = true;
    return response;
  },
});
