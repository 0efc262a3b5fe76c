import { jobsHref } from "./links.tsx";

/** The tags of a job, each a link to the jobs with this tag. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span class="tags">
      {tags.map((tag) => (
        <a key={tag} class="tag" href={jobsHref({ tag })} title={tag}>
          {tag}
        </a>
      ))}
    </span>
  );
}
