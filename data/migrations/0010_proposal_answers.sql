-- What people answered to the changes of level and the drifts that the app proposed.
CREATE TABLE proposal_answer (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "kind" VARCHAR, "site_id" VARCHAR, "metric_id" VARCHAR, "segment" VARCHAR, "side" VARCHAR, "about" DATE,
    "earliest" DATE, "latest" DATE, "reply" VARCHAR, "reason" VARCHAR, "decision_id" VARCHAR
);
