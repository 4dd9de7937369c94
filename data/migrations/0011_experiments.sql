-- What the methods over several sites need of a plan; plans from before hold the defaults, and keep their hashes.
ALTER TABLE experiment_plan ADD COLUMN site_starts VARCHAR DEFAULT '[]';
ALTER TABLE experiment_plan ADD COLUMN drawn_by_lot BOOLEAN DEFAULT 'false';
ALTER TABLE experiment_plan ADD COLUMN cycle VARCHAR DEFAULT '';
ALTER TABLE experiment_plan ADD COLUMN seed BIGINT DEFAULT 0;

-- What was computed of an experiment at a look, at its end and at its verdict: kept beside what the data say today.
CREATE TABLE experiment_reading (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "experiment_id" VARCHAR, "plan_id" VARCHAR, "kind" VARCHAR, "read_at" TIMESTAMP, "data_date" DATE,
    "data_version" VARCHAR, "outcome" VARCHAR, "result" VARCHAR, "method" VARCHAR, "code_version" VARCHAR
);
