/**
 * The first bytes of an answer's body as text, at most `bytesMax`. Afterwards nothing of the answer is held: it was
 * read to its end, so its connection can be used again, or it was canceled.
 */
export async function readStart(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let left = bytesMax;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  return text;
}
