-- The two hottest requests authenticate and start their work in one statement: one round trip
-- instead of two. If the device session is not live, only its own columns are filled, and nothing
-- is read or begun.

CREATE OR REPLACE FUNCTION begin_action_by_token(presented bytea, at timestamptz, key uuid)
RETURNS TABLE (
    session_id uuid, user_id uuid, is_staff boolean, locale text, methods jsonb,
    auth_time timestamptz, access_expires_at timestamptz, state text,
    client_known boolean, lmid bigint, fingerprint bytea, status text, code text, detail jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT * FROM session_by_access_token(presented, at)
    INTO session_id, user_id, is_staff, locale, methods, auth_time, access_expires_at, state;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF state = 'live' THEN
        SELECT * FROM begin_action(user_id, key, NULL, NULL)
        INTO client_known, lmid, fingerprint, status, code, detail;
    END IF;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION pull_by_token(
    presented bytea, at timestamptz, client uuid, acked jsonb, asked_epoch text, schema text,
    changed jsonb, page integer, positions jsonb, only_names text[]
) RETURNS TABLE (
    session_id uuid, user_id uuid, is_staff boolean, locale text, methods jsonb,
    auth_time timestamptz, access_expires_at timestamptz, state text,
    epoch text, lmid text, last_seen timestamptz, known_schema integer, results text,
    scopes text, dropped text[], has_more boolean
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT * FROM session_by_access_token(presented, at)
    INTO session_id, user_id, is_staff, locale, methods, auth_time, access_expires_at, state;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF state = 'live' THEN
        SELECT * FROM pull(user_id, client, acked, asked_epoch, schema, changed, page, positions,
                           only_names)
        INTO epoch, lmid, last_seen, known_schema, results, scopes, dropped, has_more;
    END IF;
    RETURN NEXT;
END $$;
