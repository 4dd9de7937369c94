-- Daily series are scored by week, as they are charted; how far the stored values themselves go is kept beside.
ALTER TABLE score ADD COLUMN stored_grain VARCHAR;
ALTER TABLE score ADD COLUMN stored_last DATE;
UPDATE score SET stored_grain = grain, stored_last = last_period;
