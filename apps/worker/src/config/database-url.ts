/** Whether a text is a URL that the driver reads as its author means it. */
export function isDatabaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^postgres(?:ql)?:$/.test(url.protocol) && !isCutShort(url);
}

/**
 * A hint where a character that was not percent-encoded may be why the text is refused; else undefined. The text
 * itself is not part of it, since a password may stand anywhere in it.
 */
export function encodingHint(text: string): string | undefined {
  if (isDatabaseUrl(text) || !/^postgres(?:ql)?:\/\//i.test(text)) return undefined;
  return "percent-encode # / ? @ and % in a user name or password: %23 %2F %3F %40 %25";
}

/** A bare # / or ? ends the address inside the password, and a bare % is half a code: the host would be wrong. */
function isCutShort(url: URL): boolean {
  return (
    url.hash !== "" ||
    url.pathname.includes("@") ||
    [...url.searchParams.keys()].some((key) => key.includes("@")) ||
    ![url.username, url.password, url.host, url.pathname].every(isDecodable)
  );
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    // decodeURIComponent throws for a stray %.
    return false;
  }
}
