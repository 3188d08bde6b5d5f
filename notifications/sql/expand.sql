-- Expands intents ("notify this scope") into one delivery for each device when they are due. The
-- pump may call this function, but it cannot read who is a member of which scope.

CREATE OR REPLACE FUNCTION notifications_bucket(scope uuid) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (get_byte(uuid_send(scope), 15) % 64)::smallint
$$;

-- The end of the quiet hours that the moment `at` is in; `at` itself outside of them, and for a zone
-- that PostgreSQL does not know. As in quiet_around (recovery/care/rules/reminders.py), their first
-- and last moments are outside.
CREATE OR REPLACE FUNCTION notifications_quiet_until(
    at timestamptz, zone text, quiet_start time, quiet_end time
) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    here timestamp;
    ends_on date;
BEGIN
    here := at AT TIME ZONE zone;
    ends_on := here::date;
    IF quiet_start < quiet_end AND (here::time <= quiet_start OR here::time >= quiet_end)
       OR quiet_start >= quiet_end AND here::time <= quiet_start AND here::time >= quiet_end THEN
        RETURN at;
    END IF;
    IF quiet_start >= quiet_end AND here::time > quiet_start THEN
        ends_on := ends_on + 1;
    END IF;
    RETURN greatest(at, coalesce((ends_on + quiet_end) AT TIME ZONE zone, at));
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN at;
END $$;

-- Returns the number of intents that were settled. Deliveries are inserted in the order of the
-- unique index, so that two pumps whose recipients overlap cannot deadlock. Devices whose token
-- was not refreshed for 270 days are skipped, because the push service no longer accepts it.
CREATE OR REPLACE FUNCTION notifications_expand(
    due_bucket smallint, at timestamptz, max_intents int
) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    settled int;
BEGIN
    WITH due AS (
        SELECT * FROM notifications_intent
        WHERE bucket = due_bucket AND state = 'planned' AND due <= at
        ORDER BY due LIMIT max_intents
        FOR UPDATE SKIP LOCKED
    ), targets AS (
        SELECT r.scope_id, r.id AS registration_id, r.kind = 'web' AS browser, i.push_class,
               min(CASE WHEN q.ends < coalesce(i.needed_by, i.expires) THEN q.ends ELSE at END
                   + i.jitter * random() * interval '1 second') AS due,
               max(i.expires) AS expires
        FROM due AS i
        JOIN recovery_membership AS m
            ON m.scope_id = i.scope_id AND NOT m.held
            AND m.user_id IS DISTINCT FROM i.except_user AND (i.role IS NULL OR m.role = i.role)
        JOIN notifications_pushregistration AS r
            ON r.scope_id = m.user_id AND r.state = 'active'
            -- A browser ends the subscription of a site whose pushes show nothing.
            AND (r.platform <> 'web' OR i.push_class IN ('urgent', 'reminder'))
            AND r.refreshed_at > at - interval '270 days'
        LEFT JOIN notifications_preferences AS p ON p.scope_id = m.user_id
        -- Who has set preferences without quiet hours wants none.
        CROSS JOIN LATERAL (SELECT CASE
            WHEN NOT i.waits THEN at
            WHEN p.id IS NULL THEN notifications_quiet_until(
                at, i.quiet_zone, i.quiet_start, i.quiet_end)
            ELSE notifications_quiet_until(at, p.time_zone, p.quiet_start, p.quiet_end)
            END AS ends) AS q
        WHERE i.expires > at AND NOT coalesce(p.opt_outs ? i.type, false) AND NOT EXISTS (
            -- A session that has run out may not pull, so there is nothing to wake its phone for.
            SELECT FROM recovery_devicesession AS s JOIN recovery_user AS u ON u.id = s.scope_id
            WHERE s.scope_id = r.scope_id AND s.id = r.session_id
                AND session_state(s, u.is_active, at) NOT IN ('live', 'expired')
        )
        GROUP BY 1, 2, 3, 4
    ), written AS (
        INSERT INTO notifications_delivery AS d
            (bucket, id, scope_id, registration_id, browser, push_class, rank, due, expires,
             state, fence, attempts, reason, fcm_id)
        SELECT notifications_bucket(t.scope_id), gen_random_uuid(), t.scope_id,
               t.registration_id, t.browser, t.push_class,
               array_position(ARRAY['urgent', 'reminder', 'sync'], t.push_class) - 1,
               t.due, t.expires, 'planned', 0, 0, '', ''
        FROM targets AS t
        ORDER BY t.scope_id, t.registration_id, t.push_class
        ON CONFLICT (scope_id, registration_id, push_class) WHERE state = 'planned' AND fence = 0
        DO UPDATE SET due = least(d.due, excluded.due),
                      expires = greatest(d.expires, excluded.expires)
    )
    UPDATE notifications_intent AS i
    SET state = CASE WHEN i.expires > at THEN 'expanded' ELSE 'expired' END, settled_at = at
    FROM due WHERE i.bucket = due.bucket AND i.id = due.id;
    GET DIAGNOSTICS settled = ROW_COUNT;
    RETURN settled;
END $$;

REVOKE ALL ON FUNCTION notifications_expand FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notifications_expand TO pump;
