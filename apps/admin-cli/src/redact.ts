/** Replaces the credentials of every URL in a text by `***`. A user may have typed a URL in place of a command. */
export function redact(text: string): string {
  return text.replace(/:\/\/[^\s'"]*@/g, "://***@").replace(/([?&]password=)[^&\s'"]*/gi, "$1***");
}
