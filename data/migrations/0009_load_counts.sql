-- What a load left out and doubted, and the linked source it came from; loads from before say 0 and none.
ALTER TABLE batch ADD COLUMN n_rejected BIGINT DEFAULT 0;
ALTER TABLE batch ADD COLUMN n_marked BIGINT DEFAULT 0;
ALTER TABLE batch ADD COLUMN source_id VARCHAR DEFAULT '';
