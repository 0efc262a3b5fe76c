import { href } from "../route/location.ts";
import { shortId } from "../text/short-id.ts";

/** A link to a job, by the end of its id: the beginning is the same for jobs of one time. */
export function JobLink({ id }: { id: string }) {
  return (
    <a class="id" href={href(`/jobs/${encodeURIComponent(id)}`)} title={id}>
      {shortId(id)}
    </a>
  );
}

/** A link to the jobs of a queue. */
export function QueueLink({ queue }: { queue: string }) {
  return <a href={jobsHref({ queue })}>{queue}</a>;
}

/** The address of the jobs that fit filters, named as in the address of the Jobs page. */
export function jobsHref(filters: Readonly<Record<string, string>>): string {
  return href(`/jobs?${new URLSearchParams(filters)}`);
}
