-- Observations as they were loaded (never changed), and what follows from them.

-- One row a value that a load brought new or changed. load_number orders the loads of a site, whatever the clocks say.
CREATE TABLE obs (
    site_id VARCHAR, metric_id VARCHAR, segment VARCHAR, period_start DATE, grain VARCHAR,
    value DOUBLE, weight DOUBLE, mark VARCHAR,
    batch_id VARCHAR, source_row INTEGER, source_column VARCHAR,
    change_id VARCHAR, recorded_at TIMESTAMP, load_number BIGINT
);

-- The newest value of each key among loads that stand (not undone), kept in the load's own transaction.
CREATE TABLE cur (
    site_id VARCHAR, metric_id VARCHAR, segment VARCHAR, period_start DATE, grain VARCHAR,
    value DOUBLE, weight DOUBLE, mark VARCHAR,
    batch_id VARCHAR, source_row INTEGER, source_column VARCHAR,
    change_id VARCHAR, recorded_at TIMESTAMP, load_number BIGINT
);

-- Where each series stands; segment '*' is the combination of a series' several segments.
CREATE TABLE score (
    site_id VARCHAR, metric_id VARCHAR, segment VARCHAR, grain VARCHAR,
    n_points INTEGER, n_missing INTEGER,
    first_period DATE, last_period DATE, last_value DOUBLE, previous_value DOUBLE,
    phase_start DATE, mean DOUBLE, lower_limit DOUBLE, upper_limit DOUBLE, limits_kind VARCHAR,
    variation VARCHAR, assurance VARCHAR, target DOUBLE,
    signal_rule VARCHAR, signal_side VARCHAR, signal_start DATE, signal_points INTEGER, signal_good BOOLEAN,
    load_number BIGINT, definition_version INTEGER, target_id VARCHAR, steps VARCHAR, method VARCHAR
);

-- Loads of one site take turns: each updates the site's row, so that two at once conflict on every engine.
-- The row '' is updated by a load that adds a site's row, so that two first loads conflict as well.
CREATE TABLE load_seq (site_id VARCHAR, load_number BIGINT);
INSERT INTO load_seq VALUES ('', 0);
