-- The record: one table a record type, each row a revision, and who changed what.
-- A revision's bookkeeping: its change, its place in it, when (UTC), by whom, and whether it takes the record back.
-- Lists are JSON text. Only SQL that DuckLake runs too.

CREATE TABLE schema_version (version BIGINT, name VARCHAR, applied_at TIMESTAMP);

CREATE TABLE change (
    id VARCHAR, recorded_at TIMESTAMP, person_id VARCHAR, person_name VARCHAR, permission VARCHAR, actions VARCHAR,
    site_id VARCHAR, cohort_id VARCHAR, note VARCHAR, body VARCHAR
);
CREATE TABLE seal (seq BIGINT, change_id VARCHAR, previous_hash VARCHAR, hash VARCHAR, sealed_at TIMESTAMP);
CREATE TABLE seal_head (seq BIGINT, hash VARCHAR);
INSERT INTO seal_head VALUES (0, '');

-- The next number of each kind of label; touched by short transactions only.
CREATE TABLE label_seq (kind VARCHAR, number BIGINT);
INSERT INTO label_seq VALUES ('D', 0), ('I', 0), ('O', 0), ('E', 0), ('founder', 0), ('plan', 0),
    ('publication', 0);

-- Published pages as they were frozen.
CREATE TABLE publication_file (
    publication_id VARCHAR, slug VARCHAR, name VARCHAR, content BLOB, content_hash VARCHAR, change_id VARCHAR,
    recorded_at TIMESTAMP
);

CREATE TABLE process (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name" VARCHAR, "description" VARCHAR, "synthetic" BOOLEAN
);

CREATE TABLE site (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name" VARCHAR, "code" VARCHAR, "kind" VARCHAR, "process_id" VARCHAR, "group" VARCHAR
);

CREATE TABLE site_alias (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "site_id" VARCHAR, "alias" VARCHAR
);

CREATE TABLE person (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name" VARCHAR, "email" VARCHAR, "issuer" VARCHAR, "subject" VARCHAR, "language" VARCHAR, "disabled" BOOLEAN,
    "session_valid_after" TIMESTAMP
);

CREATE TABLE assignment (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "person_id" VARCHAR, "role" VARCHAR, "cohort_id" VARCHAR, "site_id" VARCHAR, "starts_on" DATE, "ends_on" DATE
);

CREATE TABLE cohort (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name" VARCHAR, "process_id" VARCHAR, "site_ids" VARCHAR
);

CREATE TABLE metric (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "name_fr" VARCHAR, "name_en" VARCHAR, "unit" VARCHAR, "direction" VARCHAR, "kind" VARCHAR, "frequency" VARCHAR,
    "aggregation" VARCHAR, "plausible_low" DOUBLE, "plausible_high" DOUBLE, "decimals" BIGINT,
    "customer_outcome" VARCHAR, "process_id" VARCHAR, "definition" VARCHAR, "definition_version" BIGINT
);

CREATE TABLE target (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "metric_id" VARCHAR, "site_id" VARCHAR, "applies_from" DATE, "value" DOUBLE, "decision_id" VARCHAR
);

CREATE TABLE decision (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "number" BIGINT, "type" VARCHAR, "title" VARCHAR, "note" VARCHAR, "owner_id" VARCHAR, "applies_on" DATE,
    "site_id" VARCHAR, "metric_id" VARCHAR, "cohort_id" VARCHAR, "segment" VARCHAR, "period_start" DATE,
    "period_end" DATE, "grain" VARCHAR, "value_when_decided" DOUBLE, "expected_metric_id" VARCHAR,
    "expected_direction" VARCHAR, "expected_size" DOUBLE, "expected_by" DATE, "expected_effect" VARCHAR,
    "review_on" DATE, "outcome" VARCHAR, "outcome_on" DATE, "evidence_url" VARCHAR, "experiment_id" VARCHAR,
    "key_result_id" VARCHAR, "supersedes_id" VARCHAR, "resolved_on" DATE, "public" BOOLEAN
);

CREATE TABLE objective (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "title" VARCHAR, "customer_outcome" VARCHAR, "owner_id" VARCHAR, "cohort_id" VARCHAR, "starts_on" DATE,
    "ends_on" DATE
);

CREATE TABLE key_result (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "objective_id" VARCHAR, "title" VARCHAR, "metric_id" VARCHAR, "site_ids" VARCHAR, "baseline_value" DOUBLE,
    "baseline_date" DATE, "target_value" DOUBLE, "due_date" DATE, "owner_id" VARCHAR
);

CREATE TABLE check_in (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "key_result_id" VARCHAR, "checked_on" DATE, "confidence" DOUBLE, "note" VARCHAR
);

CREATE TABLE experiment (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "number" BIGINT, "title" VARCHAR, "state" VARCHAR, "owner_id" VARCHAR, "practice_id" VARCHAR,
    "key_result_id" VARCHAR, "verdict" VARCHAR, "verdict_by" VARCHAR, "verdict_on" DATE, "ended_reason" VARCHAR
);

CREATE TABLE experiment_plan (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "experiment_id" VARCHAR, "amendment" BIGINT, "hypothesis" VARCHAR, "metric_id" VARCHAR, "site_ids" VARCHAR,
    "comparison_site_ids" VARCHAR, "expected_direction" VARCHAR, "smallest_effect" DOUBLE, "starts_on" DATE,
    "ends_on" DATE, "baseline_from" DATE, "grain" VARCHAR, "looks" VARCHAR, "analysis" VARCHAR,
    "trend_term" BOOLEAN, "decision_rule" VARCHAR, "guardrail_metric_ids" VARCHAR, "frozen_at" TIMESTAMP,
    "plan_hash" VARCHAR
);

CREATE TABLE practice (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "title" VARCHAR, "version" BIGINT, "state" VARCHAR, "metric_id" VARCHAR, "control_points" VARCHAR,
    "conditions" VARCHAR, "evidence" VARCHAR, "reason" VARCHAR
);

CREATE TABLE ritual (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "cohort_id" VARCHAR, "kind" VARCHAR, "held_on" DATE, "facilitator_id" VARCHAR, "scribe_id" VARCHAR,
    "metric_keeper_id" VARCHAR, "closed" BOOLEAN, "no_artefact_because" VARCHAR
);

CREATE TABLE artefact (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "ritual_id" VARCHAR, "kind" VARCHAR, "title" VARCHAR, "reference_id" VARCHAR
);

CREATE TABLE action (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "ritual_id" VARCHAR, "title" VARCHAR, "owner_id" VARCHAR, "due_on" DATE, "done_on" DATE
);

CREATE TABLE wave (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "number" BIGINT, "process_id" VARCHAR, "planned_on" DATE, "actual_on" DATE
);

CREATE TABLE site_stage (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "site_id" VARCHAR, "wave_id" VARCHAR, "stage" VARCHAR, "planned_on" DATE, "actual_on" DATE
);

CREATE TABLE source_mapping (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "fingerprint" VARCHAR, "name" VARCHAR, "mapping" VARCHAR
);

CREATE TABLE batch (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "file_name" VARCHAR, "file_hash" VARCHAR, "sheet" VARCHAR, "source_fingerprint" VARCHAR, "reading_hash" VARCHAR,
    "person_id" VARCHAR, "reason" VARCHAR, "n_observations" BIGINT, "n_new" BIGINT, "n_same" BIGINT,
    "n_restated" BIGINT, "n_excluded_rows" BIGINT
);

CREATE TABLE batch_undo (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "batch_id" VARCHAR, "reason" VARCHAR
);

CREATE TABLE publication (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "slug" VARCHAR, "experiment_id" VARCHAR, "title_fr" VARCHAR, "title_en" VARCHAR, "data_date" DATE,
    "content_hash" VARCHAR, "method_version" VARCHAR, "code_version" VARCHAR, "withdrawn_on" DATE,
    "withdrawn_reason" VARCHAR
);
