-- History is only ever added to. What a trigger refuses here is refused by privileges as well,
-- for engines without triggers: see the chapter on scaling.

CREATE FUNCTION ~refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corebank: % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ~record
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ~detail
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ~entry
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ~block
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ~origin
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON ~unit
    FOR EACH ROW EXECUTE FUNCTION ~refuse_change();
-- A unit is settled once.
CREATE TRIGGER settled_once BEFORE UPDATE ON ~unit
    FOR EACH ROW WHEN (OLD.first_position IS NOT NULL) EXECUTE FUNCTION ~refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ~record EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ~detail EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ~entry EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ~block EXECUTE FUNCTION ~refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ~unit EXECUTE FUNCTION ~refuse_change();
