-- The records that nobody on the staff looks after, for the programme's administrators: the name to
-- assign someone by, and how much waits. Nothing clinical.
CREATE OR REPLACE FUNCTION unstaffed_records(
    programme uuid, lacking text, most int, session uuid, request uuid, at timestamptz
) RETURNS TABLE (id uuid, given_name text, family_name text, name_text text, called text,
                 opened_at timestamptz, series bigint, arrivals bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here uuid[];
BEGIN
    -- A record that was opened by mistake needs nobody.
    here := ARRAY(SELECT u FROM unstaffed_scopes(programme, 'care', lacking) AS u
                   JOIN recovery_carerecord AS r ON r.scope_id = u
                   WHERE r.entered_in_error_at IS NULL ORDER BY u LIMIT most);
    PERFORM note_unstaffed_read('carerecord', here, session, request, at);
    RETURN QUERY SELECT r.id, r.given_name, r.family_name, r.name_text, r.called, r.opened_at,
        (SELECT count(*) FROM recovery_sessionseries AS s WHERE s.scope_id = r.scope_id
            AND (s.ended_on IS NULL OR s.ended_on > at::date)),
        (SELECT count(*) FROM recovery_arrivalreport AS a WHERE a.scope_id = r.scope_id
            AND a.state = 'waiting')
    FROM recovery_carerecord AS r WHERE r.scope_id = ANY (here) ORDER BY r.id;
END $$;
