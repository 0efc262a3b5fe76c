import { fork } from "node:child_process";
import { isMessage } from "./worker-message.ts";

/** Runs a program that sends one message. Rejects with an `Error` if the program ends without the message. */
export function askProcess<M extends { kind: string }>(
  program: string,
  spec: unknown,
  { execArgv = process.execArgv }: { execArgv?: readonly string[] } = {},
): Promise<M> {
  const child = fork(program, [JSON.stringify(spec)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [...execArgv],
  });
  return new Promise((resolve, reject) => {
    let answer: M | undefined;
    child.on("message", (message) => {
      if (isMessage<M>(message)) answer = message;
    });
    child.on("exit", (code, signal) => {
      if (answer !== undefined) resolve(answer);
      else reject(new Error(`${program} ended with ${signal ?? code}`));
    });
  });
}
