-- Signing in and staying signed in happen before anybody is the acting user. These functions
-- read past row-level security, each by a secret that only the right phone can know.

-- Who holds this access token, and may they go on? Asked in one statement by each request. A first
-- use proves that the answer which carried the token arrived; `last_seen` is written at most once
-- in five minutes. When the disk is full neither is noted, so that people can still read.
CREATE OR REPLACE FUNCTION session_by_access_token(presented bytea, at timestamptz)
RETURNS TABLE (
    session_id uuid, user_id uuid, is_staff boolean, locale text, methods jsonb,
    auth_time timestamptz, access_expires_at timestamptz, state text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_session recovery_devicesession;
    account recovery_user;
    five_minutes timestamptz := date_bin('5 minutes', at, timestamptz '2000-01-01Z');
BEGIN
    SELECT s.* INTO found_session FROM recovery_devicesession AS s
    WHERE s.access_hash = presented;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT u.* INTO account FROM recovery_user AS u WHERE u.id = found_session.scope_id;
    state := session_state(found_session, account.is_active, at);
    IF state = 'live' AND (found_session.last_seen < five_minutes OR NOT found_session.arrived) THEN
        BEGIN
            UPDATE recovery_devicesession AS s
            SET arrived = true, last_seen = greatest(s.last_seen, five_minutes),
                idle_expires_at = greatest(s.idle_expires_at, at + s.idle_for)
            WHERE s.id = found_session.id AND s.scope_id = found_session.scope_id
                AND s.access_hash = presented AND s.revoked_at IS NULL;
            IF NOT FOUND THEN
                -- While this waited for the row, the session ended or got new tokens.
                SELECT s.* INTO found_session FROM recovery_devicesession AS s
                WHERE s.id = found_session.id AND s.scope_id = found_session.scope_id;
                IF NOT FOUND THEN
                    RETURN;
                END IF;
                state := session_state(found_session, account.is_active, at);
            END IF;
        EXCEPTION WHEN disk_full THEN
            NULL;
        END;
    END IF;
    RETURN QUERY SELECT found_session.id, account.id, account.is_staff, account.locale,
        found_session.methods, found_session.auth_time, found_session.access_expires_at, state;
END $$;

-- `wipe` outlives everything: a phone that comes back after a year still has to be emptied.
CREATE OR REPLACE FUNCTION session_state(
    s recovery_devicesession, account_active boolean, at timestamptz
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN s.wipe_requested_at IS NOT NULL THEN 'wipe'
        WHEN s.revoked_at IS NOT NULL OR NOT account_active THEN 'ended'
        WHEN at >= s.idle_expires_at OR at >= s.expires_at THEN 'ended'
        WHEN at >= s.access_expires_at THEN 'expired'
        ELSE 'live'
    END
$$;

-- Whose session is it? By its refresh family, which no one else can know. Its owner becomes
-- the acting user and the session is locked until the end of the transaction.
CREATE OR REPLACE FUNCTION take_session_by_family(presented bytea)
RETURNS SETOF recovery_devicesession
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    taken recovery_devicesession;
BEGIN
    SELECT s.* INTO taken FROM recovery_devicesession AS s JOIN recovery_user AS u
        ON u.id = s.scope_id AND u.is_active
    WHERE s.family_hash = presented FOR NO KEY UPDATE OF s;
    IF FOUND THEN
        PERFORM set_config('app.user_id', taken.scope_id::text, true);
        RETURN NEXT taken;
    END IF;
END $$;

-- Which of these sessions may go on: the live tier asks for all its sockets at once. In a
-- transaction of one user, only for theirs.
CREATE OR REPLACE FUNCTION sessions_that_live(asked uuid[], at timestamptz)
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id FROM recovery_devicesession AS s JOIN recovery_user AS u ON u.id = s.scope_id
    WHERE s.id = ANY(asked) AND s.scope_id = coalesce(acting_user(), s.scope_id)
        AND session_state(s, u.is_active, at) IN ('live', 'expired')
$$;
