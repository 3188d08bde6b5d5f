-- Take what people wrote up to `until` out of a scope's feed. Returns the time up to which this had
-- been done before. The scope stays locked until the transaction ends, so nothing is written or
-- edited in between. An old row that is edited later gets no document (flush.sql).

CREATE OR REPLACE FUNCTION age_scope(scope uuid, until timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before timestamptz;
BEGIN
    SELECT aged_until INTO before FROM recovery_scope WHERE id = scope FOR NO KEY UPDATE;
    UPDATE recovery_scope SET aged_until = greatest(aged_until, until) WHERE id = scope;
    RETURN before;
END $$;

REVOKE ALL ON FUNCTION age_scope(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION age_scope(uuid, timestamptz) TO jobs;
