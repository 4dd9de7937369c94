-- Values are kept under the numbers of their series and loads: a value is then a few whole numbers, not nine texts.
-- The texts stand once: a row a series, a row a load, and a row a text (column or mark) that a load's values carry.

CREATE TABLE series (series INTEGER, site_id VARCHAR, metric_id VARCHAR, segment VARCHAR, grain VARCHAR);
INSERT INTO series SELECT row_number() OVER (ORDER BY metric_id, site_id, segment, grain), * FROM (
    SELECT DISTINCT site_id, metric_id, segment, grain FROM obs
);

CREATE TABLE loaded (load INTEGER, batch_id VARCHAR, change_id VARCHAR, recorded_at TIMESTAMP);
INSERT INTO loaded SELECT row_number() OVER (ORDER BY recorded_at, batch_id), * FROM (
    SELECT DISTINCT batch_id, change_id, recorded_at FROM obs
);

CREATE TABLE loaded_text (load INTEGER, number INTEGER, text VARCHAR);
INSERT INTO loaded_text SELECT load, row_number() OVER (PARTITION BY load ORDER BY text), text FROM (
    SELECT DISTINCT l.load, o.source_column AS text FROM obs o JOIN loaded l ON o.batch_id = l.batch_id
    UNION SELECT DISTINCT l.load, o.mark FROM obs o JOIN loaded l ON o.batch_id = l.batch_id
);

INSERT INTO label_seq SELECT 'series', coalesce(max(series), 0) FROM series;
INSERT INTO label_seq SELECT 'load', coalesce(max(load), 0) FROM loaded;

-- One row a value that a load brought new or changed. load_number orders the loads of a site, whatever the clocks say.
CREATE TABLE obs_row (
    series INTEGER, period_start DATE, value DOUBLE, weight DOUBLE, mark INTEGER,
    load INTEGER, source_row INTEGER, source_column INTEGER, load_number INTEGER
);
INSERT INTO obs_row SELECT s.series, o.period_start, o.value, o.weight, m.number, l.load, o.source_row, c.number,
    o.load_number
FROM obs o JOIN loaded l ON o.batch_id = l.batch_id
JOIN series s ON o.site_id = s.site_id AND o.metric_id = s.metric_id AND o.segment = s.segment AND o.grain = s.grain
JOIN loaded_text m ON m.load = l.load AND m.text = o.mark
JOIN loaded_text c ON c.load = l.load AND c.text = o.source_column
ORDER BY l.load, s.series, o.period_start;

-- The newest value of each key among loads that stand (not undone), kept in the load's own transaction.
CREATE TABLE cur_row (
    series INTEGER, period_start DATE, value DOUBLE, weight DOUBLE, load INTEGER, load_number INTEGER
);
INSERT INTO cur_row SELECT s.series, o.period_start, o.value, o.weight, l.load, o.load_number
FROM cur o JOIN loaded l ON o.batch_id = l.batch_id
JOIN series s ON o.site_id = s.site_id AND o.metric_id = s.metric_id AND o.segment = s.segment AND o.grain = s.grain
ORDER BY s.series, o.period_start;

DROP TABLE obs;
DROP TABLE cur;

-- The same in words.
CREATE VIEW obs AS SELECT s.site_id, s.metric_id, s.segment, r.period_start, s.grain, r.value, r.weight,
    m.text AS mark, l.batch_id, r.source_row, c.text AS source_column, l.change_id, l.recorded_at, r.load_number
FROM obs_row r JOIN series s ON r.series = s.series JOIN loaded l ON r.load = l.load
JOIN loaded_text m ON m.load = r.load AND m.number = r.mark
JOIN loaded_text c ON c.load = r.load AND c.number = r.source_column;
CREATE VIEW cur AS SELECT s.site_id, s.metric_id, s.segment, r.period_start, s.grain, r.value, r.weight, r.load,
    r.load_number
FROM cur_row r JOIN series s ON r.series = s.series;
