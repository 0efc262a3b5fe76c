import type { z } from "@hono/zod-openapi";
import type { auditPage } from "../contract/audit.ts";
import type { bulkAction, bulkAnswer, bulkFilter, bulkRequest, undoAnswer } from "../contract/bulk.ts";
import type { problem } from "../contract/common.ts";
import type {
  failureReport,
  jobChange,
  jobChanged,
  jobCount,
  jobDetail,
  jobEvent,
  jobExplanation,
  jobPage,
  jobSelection,
  jobSummary,
  newJob,
  watchToken,
} from "../contract/job.ts";
import type { queueList, queueRow, queueSettings } from "../contract/queue.ts";
import type {
  newSchedule,
  previewAnswer,
  previewRequest,
  schedule,
  schedulePage,
  schedulePatch,
  scheduleTick,
} from "../contract/schedule.ts";
import type { session } from "../contract/session.ts";
import type { history, overview, snapshotHolder, snapshotHolders } from "../contract/stats.ts";
import type { workerList, workerRow } from "../contract/worker.ts";

export type AuditPage = z.infer<typeof auditPage>;
export type BulkAction = z.infer<typeof bulkAction>;
export type BulkAnswer = z.infer<typeof bulkAnswer>;
export type BulkFilter = z.infer<typeof bulkFilter>;
export type BulkRequest = z.input<typeof bulkRequest>;
export type FailureReport = z.infer<typeof failureReport>;
export type History = z.infer<typeof history>;
export type JobChange = z.infer<typeof jobChange>;
export type JobChanged = z.infer<typeof jobChanged>;
export type JobCount = z.infer<typeof jobCount>;
export type JobDetail = z.infer<typeof jobDetail>;
export type JobEvent = z.infer<typeof jobEvent>;
export type JobExplanation = z.infer<typeof jobExplanation>;
export type JobPage = z.infer<typeof jobPage>;
export type JobSelection = z.infer<typeof jobSelection>;
export type JobSummary = z.infer<typeof jobSummary>;
export type NewJob = z.input<typeof newJob>;
export type NewSchedule = z.infer<typeof newSchedule>;
export type Overview = z.infer<typeof overview>;
export type Preview = z.infer<typeof previewAnswer>;
export type PreviewRequest = z.input<typeof previewRequest>;
export type Problem = z.infer<typeof problem>;
export type QueueList = z.infer<typeof queueList>;
export type QueueRow = z.infer<typeof queueRow>;
export type QueueSettings = z.infer<typeof queueSettings>;
export type Schedule = z.infer<typeof schedule>;
export type SchedulePage = z.infer<typeof schedulePage>;
export type SchedulePatch = z.infer<typeof schedulePatch>;
export type ScheduleTick = z.infer<typeof scheduleTick>;
export type Session = z.infer<typeof session>;
export type SnapshotHolder = z.infer<typeof snapshotHolder>;
export type UndoAnswer = z.infer<typeof undoAnswer>;
export type WatchToken = z.infer<typeof watchToken>;
export type WorkerList = z.infer<typeof workerList>;
export type WorkerRow = z.infer<typeof workerRow>;

/** The pages of a list of jobs. */
export interface JobListRequest extends Partial<JobSelection> {
  order?: "newest" | "oldest-due";
  cursor?: string;
  limit?: number;
}

/** The API's requests, one method each. A request that fails rejects with `ApiProblem`. */
export interface MillraceClient {
  /** GET /session */
  session(): Promise<Session>;
  jobs: {
    /** GET /jobs */
    list(request?: JobListRequest): Promise<JobPage>;
    /** GET /jobs/count: counts up to 10,000. */
    count(selection?: Partial<JobSelection>): Promise<JobCount>;
    /** GET /jobs/failures */
    failures(filter?: {
      queue?: string;
      type?: string;
      finishedAfter?: string;
      limit?: number;
    }): Promise<FailureReport>;
    /** GET /jobs/{id} */
    get(id: string): Promise<JobDetail>;
    /** GET /jobs/{id}/explanation */
    explain(id: string): Promise<JobExplanation>;
    /** POST /jobs */
    enqueue(job: NewJob): Promise<JobChanged>;
    /** POST /jobs/{id}/duplicate: the same job again, due now, without its key. */
    duplicate(id: string): Promise<JobChanged>;
    /** POST /jobs/{id}/cancel */
    cancel(id: string): Promise<JobChanged>;
    /** POST /jobs/{id}/retry */
    retry(id: string): Promise<JobChanged>;
    /** POST /jobs/{id}/run-now */
    runNow(id: string): Promise<JobChanged>;
    /** PATCH /jobs/{id} */
    change(id: string, change: JobChange): Promise<JobChanged>;
    /** DELETE /jobs/{id} */
    delete(id: string): Promise<JobChanged>;
    /** POST /bulk/{action} */
    bulk(action: BulkAction, request: BulkRequest): Promise<BulkAnswer>;
    /** POST /jobs/{id}/watch-token */
    watchToken(id: string, ttlMs?: number): Promise<WatchToken>;
  };
  queues: {
    /** GET /queues */
    list(): Promise<QueueList>;
    /** POST /queues/{name}/pause */
    pause(name: string): Promise<void>;
    /** POST /queues/{name}/resume */
    resume(name: string): Promise<void>;
    /** PUT /queues/{name}/settings; null removes them. */
    set(name: string, settings: QueueSettings | null): Promise<void>;
  };
  schedules: {
    /** GET /schedules */
    list(request?: { cursor?: string; limit?: number; enabled?: boolean }): Promise<SchedulePage>;
    /** GET /schedules/{name} */
    get(name: string): Promise<Schedule>;
    /** GET /schedules/{name}/ticks */
    ticks(name: string, limit?: number): Promise<{ ticks: ScheduleTick[] }>;
    /** POST /schedules */
    create(schedule: NewSchedule): Promise<Schedule>;
    /** PATCH /schedules/{name} */
    update(name: string, patch: SchedulePatch): Promise<Schedule>;
    /** DELETE /schedules/{name} */
    delete(name: string): Promise<void>;
    /** POST /schedules/{name}/enable */
    enable(name: string): Promise<Schedule>;
    /** POST /schedules/{name}/disable */
    disable(name: string): Promise<Schedule>;
    /** POST /schedules/{name}/run-now */
    runNow(name: string): Promise<JobChanged>;
    /** POST /schedules/preview */
    preview(request: PreviewRequest): Promise<Preview>;
  };
  workers: {
    /** GET /workers */
    list(): Promise<WorkerList>;
  };
  stats: {
    /** GET /stats/overview */
    overview(): Promise<Overview>;
    /** GET /stats/history: the last `hours`, 1 to 168. */
    history(request?: { hours?: number; queue?: string }): Promise<History>;
    /** GET /stats/snapshot-holders */
    snapshotHolders(): Promise<z.infer<typeof snapshotHolders>>;
  };
  audit: {
    /** GET /audit, the newest first. */
    list(request?: { cursor?: string; limit?: number; commandId?: string }): Promise<AuditPage>;
    /** POST /audit/{commandId}/undo */
    undo(commandId: string): Promise<UndoAnswer>;
  };
  /** The address of GET /events: an event stream of `Overview`s, one every 2 s. */
  readonly eventsUrl: string;
  /** The address of GET /jobs/{id}/events: an event stream of `JobEvent`s. */
  jobEventsUrl(id: string, token?: string): string;
}
