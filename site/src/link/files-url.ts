/**
 * Returns the address of the repository's files at its code host, ending with `/`: from the `repository` of
 * package.json, else from the variables that the host's CI sets. Null if nobody says where the repository is.
 *
 * @param packageJson the text of the repository's package.json
 */
export function filesUrl(
  packageJson: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const { repository }: { repository?: string | { url?: string } } = JSON.parse(packageJson);
  const named = typeof repository === "string" ? repository : repository?.url;
  const server = environment["GITHUB_SERVER_URL"];
  const name = environment["GITHUB_REPOSITORY"];
  const url = named ?? (server !== undefined && name !== undefined ? `${server}/${name}` : undefined);
  if (url === undefined || !/^(git\+)?https:\/\//.test(url)) return null;
  return `${url.replace(/^git\+/, "").replace(/(\.git)?\/?$/, "")}/blob/main/`;
}
