/**
 * A CTE `asked` of the cancel requests of a relation's runs, which the statement answers: `asked` deletes the requests
 * that it returns.
 *
 * An undo may withdraw a request at the same time. The DELETE waits for the undo, and then finds no request. A SELECT
 * would read the snapshot, and the job of an undone cancel would be canceled.
 */
export const answeredRequests = (relation: string) => `asked AS (
    DELETE FROM millrace.cancel_requests AS request USING ${relation} AS run WHERE request.job_id = run.id
    RETURNING request.job_id
  )`;
