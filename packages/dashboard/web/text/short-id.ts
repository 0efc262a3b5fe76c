/** The end of an id, which tells jobs apart: ids that were made at one time begin alike. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `…${id.slice(-8)}`;
}
