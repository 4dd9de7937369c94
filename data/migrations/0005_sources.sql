-- Sources of truth that load themselves. The first table is of the record; the others are the runner's own notes:
-- a run that brings nothing must not make another state of the record.
CREATE TABLE source (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name" VARCHAR, "kind" VARCHAR, "address" VARCHAR, "pattern" VARCHAR, "query" VARCHAR, "headers" VARCHAR,
    "access_key" VARCHAR, "secret_key" VARCHAR, "schedule" VARCHAR, "site_id" VARCHAR, "process_id" VARCHAR,
    "sheet" VARCHAR, "register_sites" BOOLEAN, "takes_corrections" BOOLEAN, "owner_id" VARCHAR, "paused" BOOLEAN
);

CREATE TABLE source_run (
    id VARCHAR, source_id VARCHAR, started_at TIMESTAMP, ended_at TIMESTAMP, outcome VARCHAR, code VARCHAR,
    details VARCHAR, n_files BIGINT, n_new BIGINT, n_same BIGINT, n_restated BIGINT, n_left_out BIGINT,
    batch_id VARCHAR, again_at TIMESTAMP
);
-- What was taken from a source already, by the name that a file has there.
CREATE TABLE source_mark (source_id VARCHAR, name VARCHAR, mark VARCHAR, file_hash VARCHAR, seen_at TIMESTAMP);
-- Who asked for a run before its time.
CREATE TABLE source_ask (source_id VARCHAR, asked_at TIMESTAMP);

-- One process at a time does the jobs of a store that several share.
CREATE TABLE job_lease (name VARCHAR, holder VARCHAR, until TIMESTAMP);
INSERT INTO job_lease VALUES ('jobs', '', TIMESTAMP '2000-01-01');
