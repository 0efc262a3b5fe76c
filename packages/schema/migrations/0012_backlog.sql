-- Written by hand: drizzle-kit does not manage functions. How much work a queue has, for autoscalers. Finds the lanes of
-- the queue by a loose scan of waiting_jobs_claim_idx, and reads at most "max" of its entries, and the job count of each
-- claim. A paused queue has no due jobs: a further worker would not run them.
CREATE FUNCTION "millrace"."backlog"(
  "queue" text,
  "max" integer DEFAULT 10000,
  OUT "due" bigint,
  OUT "running" bigint
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE goal AS (
    SELECT least(greatest(coalesce(backlog."max", 10000), 1), 1000000) AS most
    WHERE NOT EXISTS (SELECT FROM millrace.job_queues q WHERE q.name = backlog.queue AND q.paused_at IS NOT NULL)
  ), lanes (priority, nth) AS (
    SELECT first.priority, 1 FROM goal, LATERAL (
      SELECT j.priority FROM millrace.waiting_jobs j WHERE j.queue = backlog.queue
      ORDER BY j.priority, j.run_at LIMIT 1
    ) AS first
    UNION ALL
    SELECT next.priority, lanes.nth + 1 FROM lanes, LATERAL (
      SELECT j.priority FROM millrace.waiting_jobs j WHERE j.queue = backlog.queue AND j.priority > lanes.priority
      ORDER BY j.priority, j.run_at LIMIT 1
    ) AS next
    WHERE lanes.nth < 1000
  )
  SELECT (
    SELECT count(*) FROM (
      SELECT FROM goal, lanes, LATERAL (
        SELECT FROM millrace.waiting_jobs j
        WHERE j.queue = backlog.queue AND j.priority = lanes.priority AND j.run_at <= now()
        ORDER BY j.run_at LIMIT goal.most
      ) AS job LIMIT (SELECT goal.most FROM goal)
    ) AS jobs
  ), (
    SELECT coalesce(sum(coalesce(cardinality(c.open), cardinality(c.ids))), 0)::bigint
    FROM millrace.claims c WHERE c.queue = backlog.queue
  );
$$;
