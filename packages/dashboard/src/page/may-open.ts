import type { ApiOptions } from "@millrace/api";

/**
 * Whether the sender of a request gets a page: with any access; and without one where people log in on the page. When
 * `authorize` fails, the page opens and shows that the API fails, because the API asks `authorize` again.
 */
export async function mayOpen(
  { authorize }: Pick<ApiOptions, "authorize">,
  request: Request,
): Promise<boolean> {
  if ("login" in authorize) return true;
  try {
    return (await authorize(request)) !== null;
  } catch {
    // A page has no data. The API reports the error, and answers the page's requests with a problem.
    return true;
  }
}
