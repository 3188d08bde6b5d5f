-- Forget a scope's oldest tombstones, and remember up to where: a phone that has read less far
-- may have missed one of them, and is reset. Under the scope's lock, so that no flush numbers
-- anything meanwhile, and in one transaction with the floor, so that no pull sees one without the
-- other. Answers how many were forgotten.

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
    ), gone AS (
        DELETE FROM recovery_feedentry AS f USING old
        WHERE f.scope_id = scope AND f.seq = old.seq AND f.deleted RETURNING f.seq
    )
    SELECT count(*), max(seq) INTO n, last FROM gone;
    UPDATE recovery_scope SET floor = last WHERE id = scope AND floor < last;
    RETURN n;
END $$;

REVOKE ALL ON FUNCTION collect_tombstones(uuid, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION collect_tombstones(uuid, timestamptz, integer) TO jobs;
