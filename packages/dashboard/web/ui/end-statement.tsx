import { CopyButton } from "./copy-button.tsx";

/**
 * The statement that ends a session and its transaction. People run the statement in the database: the dashboard has no
 * right to end sessions.
 */
export function EndStatement({ pid }: { pid: number }) {
  const statement = `SELECT pg_terminate_backend(${pid});`;
  return (
    <span class="statement">
      <code>{statement}</code>
      <CopyButton text={statement} what="statement" />
    </span>
  );
}
