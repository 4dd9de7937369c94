-- What a board shows beyond the limits: the chart behind them, the drift alarm and how surprising it is, how much
-- neighbouring points resemble each other; and which decisions on limits the score stands on.
ALTER TABLE score ADD COLUMN chart VARCHAR DEFAULT 'xmr';
ALTER TABLE score ADD COLUMN phi DOUBLE;
ALTER TABLE score ADD COLUMN alarm_kind VARCHAR;
ALTER TABLE score ADD COLUMN alarm_side VARCHAR;
ALTER TABLE score ADD COLUMN alarm_on DATE;
ALTER TABLE score ADD COLUMN alarm_since DATE;
ALTER TABLE score ADD COLUMN alarm_p DOUBLE;
ALTER TABLE score ADD COLUMN baselines VARCHAR DEFAULT '';
ALTER TABLE score ADD COLUMN exclusions VARCHAR DEFAULT '';
