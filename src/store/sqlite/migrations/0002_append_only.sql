-- History is only ever added to.

CREATE TRIGGER ~record_no_update BEFORE UPDATE ON ~record
BEGIN SELECT RAISE(ABORT, 'corebank: record is append-only'); END;
CREATE TRIGGER ~record_no_delete BEFORE DELETE ON ~record
BEGIN SELECT RAISE(ABORT, 'corebank: record is append-only'); END;
CREATE TRIGGER ~detail_no_update BEFORE UPDATE ON ~detail
BEGIN SELECT RAISE(ABORT, 'corebank: detail is append-only'); END;
CREATE TRIGGER ~detail_no_delete BEFORE DELETE ON ~detail
BEGIN SELECT RAISE(ABORT, 'corebank: detail is append-only'); END;
CREATE TRIGGER ~entry_no_update BEFORE UPDATE ON ~entry
BEGIN SELECT RAISE(ABORT, 'corebank: entry is append-only'); END;
CREATE TRIGGER ~entry_no_delete BEFORE DELETE ON ~entry
BEGIN SELECT RAISE(ABORT, 'corebank: entry is append-only'); END;
CREATE TRIGGER ~block_no_update BEFORE UPDATE ON ~block
BEGIN SELECT RAISE(ABORT, 'corebank: block is append-only'); END;
CREATE TRIGGER ~block_no_delete BEFORE DELETE ON ~block
BEGIN SELECT RAISE(ABORT, 'corebank: block is append-only'); END;
CREATE TRIGGER ~origin_no_update BEFORE UPDATE ON ~origin
BEGIN SELECT RAISE(ABORT, 'corebank: origin is append-only'); END;
CREATE TRIGGER ~origin_no_delete BEFORE DELETE ON ~origin
BEGIN SELECT RAISE(ABORT, 'corebank: origin is append-only'); END;
CREATE TRIGGER ~unit_no_delete BEFORE DELETE ON ~unit
BEGIN SELECT RAISE(ABORT, 'corebank: unit is append-only'); END;
-- A unit is settled once.
CREATE TRIGGER ~unit_settled_once BEFORE UPDATE ON ~unit WHEN OLD.first_position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'corebank: unit is append-only'); END;
