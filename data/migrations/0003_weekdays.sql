-- The weekdays on which a daily series is usually measured, Monday first ("1111100"): what "late" means for it.
ALTER TABLE score ADD COLUMN weekdays VARCHAR;
