-- The groups that nobody on the staff leads, for the programme's administrators. Members are only
-- counted.
CREATE OR REPLACE FUNCTION unstaffed_groups(
    programme uuid, lacking text, most int, session uuid, request uuid, at timestamptz
) RETURNS TABLE (id uuid, name text, opened_at timestamptz, members bigint, series bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here uuid[];
BEGIN
    here := ARRAY(SELECT u FROM unstaffed_scopes(programme, 'group', lacking) AS u
                   ORDER BY u LIMIT most);
    PERFORM note_unstaffed_read('peergroup', here, session, request, at);
    RETURN QUERY SELECT g.id, g.name, g.opened_at,
        (SELECT count(*) FROM recovery_membercard AS c
         WHERE c.scope_id = g.scope_id AND c.left_at IS NULL AND c.role = 'member'),
        (SELECT count(*) FROM recovery_sessionseries AS s WHERE s.scope_id = g.scope_id
            AND (s.ended_on IS NULL OR s.ended_on > at::date))
    FROM recovery_peergroup AS g WHERE g.scope_id = ANY (here) ORDER BY g.id;
END $$;
