-- How well the notifications of a programme arrive, and whether the work behind it goes on: counts and
-- moments alone, for those who manage the programme. Row-level security hides these rows from
-- everyone but their owners, and jobs from all who serve.
--
-- `kind`: push (`name`: its class), letter (`name`: its text), phone, job (the oldest that waits),
-- worker (`oldest`: when it was last heard) and done (when a job was last finished). `people`: how many are
-- behind `number`, by which the reader hides small ones. Jobs and the worker are those of the whole server.
CREATE OR REPLACE FUNCTION programme_health(programme uuid, since timestamptz, at timestamptz)
RETURNS TABLE (kind text, name text, state text, reason text, number bigint, people bigint,
               oldest timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here uuid[];
BEGIN
    IF NOT manages(programme) THEN
        RAISE insufficient_privilege USING MESSAGE = 'administrators only';
    END IF;
    here := ARRAY(SELECT m.user_id FROM recovery_membership AS m
                  WHERE m.scope_id = programme AND NOT m.held);
    RETURN QUERY
    SELECT 'push', d.push_class, d.state, d.reason, count(*), count(DISTINCT d.scope_id), min(d.due)
    FROM notifications_delivery AS d
    WHERE d.scope_id = ANY (here) AND (d.settled_at >= since OR d.state = 'planned')
    GROUP BY d.push_class, d.state, d.reason
    UNION ALL
    SELECT 'letter', '', l.state, l.reason, count(*), count(*), min(l.due)
    FROM notifications_letter AS l
    WHERE (l.scope_id = ANY (here) OR l.scope_id IN (
            SELECT s.id FROM recovery_scope AS s WHERE s.home_id = programme AND s.kind = 'staff'))
        AND (l.settled_at >= since OR l.state = 'planned')
    GROUP BY l.state, l.reason
    UNION ALL
    SELECT 'phone', '', CASE WHEN s.pushes_stopped_at IS NULL THEN 'reached' ELSE 'stopped' END, '',
        count(*), count(DISTINCT s.scope_id), min(s.pushes_stopped_at)
    FROM recovery_devicesession AS s JOIN recovery_user AS u ON u.id = s.scope_id
    WHERE s.scope_id = ANY (here) AND session_state(s, u.is_active, at) IN ('live', 'expired')
        AND (s.pushes_stopped_at IS NOT NULL OR EXISTS (
            SELECT FROM notifications_pushregistration AS r
            WHERE r.scope_id = s.scope_id AND r.session_id = s.id AND r.state = 'active'))
    GROUP BY 3
    UNION ALL
    SELECT 'job', '', '', '', NULL::bigint, NULL::bigint, min(coalesce(j.scheduled_at, (
        SELECT min(e.at) FROM procrastinate_events AS e WHERE e.job_id = j.id)))
    FROM procrastinate_jobs AS j
    WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= programme_health.at)
    UNION ALL
    SELECT 'worker', '', '', '', NULL, NULL, max(w.last_heartbeat) FROM procrastinate_workers AS w
    UNION ALL
    SELECT 'done', '', '', '', NULL, NULL, (SELECT e.at FROM procrastinate_events AS e
        WHERE e.type = 'succeeded' ORDER BY e.id DESC LIMIT 1);
END $$;
