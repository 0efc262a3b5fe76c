/** One error of an error's text: the thrown error, or one of its causes. */
export interface ErrorPart {
  /** `Caused by`, `Error 2 of 3`, or empty for the thrown error. */
  label: string;
  /** Its name and message, which may have several lines. */
  message: string;
  /** The frames of its stack, one a line. */
  frames: string[];
  /** Its own fields, one a line. */
  fields: string[];
}

const LABEL = /^(Caused by|Error \d+ of \d+): /;
const FRAME = /^\s+at /;
const FIELD = /^ {4}\S/;

/**
 * Splits an error's text, as Millrace writes it, into its errors. Text of another form is one error with a message
 * alone: no line is lost.
 */
export function errorParts(text: string): ErrorPart[] {
  const parts: ErrorPart[] = [];
  for (const line of text.split("\n")) {
    const label = LABEL.exec(line);
    const last = parts.at(-1);
    if (last === undefined || label !== null) {
      parts.push({
        label: label?.[1] ?? "",
        message: label === null ? line : line.slice(label[0].length),
        frames: [],
        fields: [],
      });
    } else if (FRAME.test(line)) last.frames.push(line.trim());
    else if (last.frames.length > 0 && FIELD.test(line)) last.fields.push(line.trim());
    else if (last.frames.length === 0 && last.fields.length === 0) last.message += `\n${line}`;
    else last.fields.push(line);
  }
  return parts;
}
