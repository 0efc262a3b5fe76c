/** Hides the credentials of every URL in a text, such as one that was typed where a command belongs. */
export function redact(text: string): string {
  return text.replace(/:\/\/[^\s'"]*@/g, "://***@").replace(/([?&]password=)[^&\s'"]*/gi, "$1***");
}
