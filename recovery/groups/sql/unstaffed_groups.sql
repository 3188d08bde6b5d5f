-- The groups that nobody on the staff leads, for the programme's administrators. Members are only
-- counted.
CREATE OR REPLACE FUNCTION unstaffed_groups(
    programme uuid, in_roles text[], most int, session uuid, request uuid, at timestamptz
) RETURNS TABLE (id uuid, name text, opened_at timestamptz, members bigint, series bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here uuid[];
BEGIN
    here := ARRAY(SELECT u FROM unstaffed_scopes(programme, 'group', in_roles) AS u
                   ORDER BY u LIMIT most);
    PERFORM note_unstaffed_read('peergroup', here, session, request, at);
    RETURN QUERY SELECT g.id, g.name, g.opened_at,
        (SELECT count(*) FROM recovery_membercard AS c
         WHERE c.scope_id = g.scope_id AND c.left_at IS NULL AND c.role = 'member'),
        (SELECT count(*) FROM recovery_sessionseries AS s WHERE s.scope_id = g.scope_id
            AND (s.ended_on IS NULL OR s.ended_on > at::date))
    FROM recovery_peergroup AS g WHERE g.scope_id = ANY (here) ORDER BY g.id;
END $$;

-- Who lets the acting user into a group that they hold an open invitation to: the member of staff
-- who invited them or, if that one has gone, another who leads the group. No row: nobody does.
CREATE OR REPLACE FUNCTION leader_for_invited(of_group uuid, inviter uuid)
RETURNS TABLE (user_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.user_id FROM recovery_membership AS m
    JOIN recovery_scope AS s ON s.id = m.scope_id AND s.kind = 'group'
    JOIN recovery_membership AS place
        ON place.scope_id = staff_scope_of(s.home_id) AND place.user_id = m.user_id
        AND NOT place.held
    WHERE m.scope_id = of_group AND m.role = 'facilitator' AND NOT m.held AND EXISTS (
        SELECT FROM recovery_groupinvitation AS i
        WHERE i.scope_id = acting_user() AND i.group_id = of_group AND i.state = 'open')
    ORDER BY m.user_id = inviter DESC, m.user_id LIMIT 1
$$;
