-- The worker polls. A NOTIFY would take one lock for the whole database at every commit that
-- leaves a job behind, for listeners that do not exist.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;
