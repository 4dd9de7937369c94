-- The cells that a keeper mended before a load: place -> [what stood there, what was read instead], as JSON.
ALTER TABLE batch ADD COLUMN mended VARCHAR DEFAULT '';
