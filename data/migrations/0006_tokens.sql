-- The keys that let a program load files in a keeper's name. The record tells whose they are and how long they hold;
-- what a key must match, and when it was last used, stand beside it: neither belongs in the audit.
CREATE TABLE token (
    id VARCHAR, change_id VARCHAR, revision BIGINT, recorded_at TIMESTAMP, recorded_by VARCHAR, retracted BOOLEAN,
    "person_id" VARCHAR, "name" VARCHAR, "handle" VARCHAR, "site_ids" VARCHAR, "expires_on" DATE, "revoked" BOOLEAN
);

CREATE TABLE token_key (token_id VARCHAR, digest VARCHAR, used_at TIMESTAMP);
