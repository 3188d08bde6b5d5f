-- Delete a scope's oldest tombstones and raise its floor to the last of them. A phone whose position
-- is below the floor may have missed one, and is reset. The scope is locked, so that no flush
-- numbers anything meanwhile. Floor and tombstones change in one transaction, so that no pull sees
-- one without the other. Returns the number of deleted tombstones.

CREATE OR REPLACE FUNCTION collect_tombstones(scope uuid, before timestamptz, most integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    n integer;
    last bigint;
BEGIN
    PERFORM FROM recovery_scope WHERE id = scope FOR NO KEY UPDATE;
    WITH old AS (
        SELECT seq FROM recovery_feedentry
        WHERE scope_id = scope AND deleted AND changed_at < before ORDER BY seq LIMIT most
    ), deleted AS (
        DELETE FROM recovery_feedentry AS f USING old
        WHERE f.scope_id = scope AND f.seq = old.seq AND f.deleted RETURNING f.seq
    )
    SELECT count(*), max(seq) INTO n, last FROM deleted;
    UPDATE recovery_scope SET floor = last WHERE id = scope AND floor < last;
    RETURN n;
END $$;

REVOKE ALL ON FUNCTION collect_tombstones(uuid, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION collect_tombstones(uuid, timestamptz, integer) TO jobs;
