-- Attempts that wait for a review in records where nobody on the staff may review, for the
-- programme's administrators. One row a record, without what the person wrote.
CREATE OR REPLACE FUNCTION unstaffed_reviews(
    programme uuid, lacking text, most int, session uuid, request uuid, at timestamptz
) RETURNS TABLE (record uuid, given_name text, family_name text, name_text text, called text,
                 waiting bigint, since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here uuid[];
BEGIN
    here := ARRAY(SELECT u FROM unstaffed_scopes(programme, 'care', lacking) AS u
        WHERE EXISTS (
            SELECT FROM recovery_attempt AS a WHERE a.scope_id = u AND NOT EXISTS (
                SELECT FROM recovery_attemptreview AS v
                WHERE v.scope_id = a.scope_id AND v.attempt_id = a.id))
        ORDER BY u LIMIT most);
    PERFORM note_unstaffed_read('carerecord', here, session, request, at);
    RETURN QUERY SELECT r.id, r.given_name, r.family_name, r.name_text, r.called, count(*), min(a.received_at)
    FROM recovery_carerecord AS r JOIN recovery_attempt AS a ON a.scope_id = r.scope_id
    WHERE r.scope_id = ANY (here) AND NOT EXISTS (
        SELECT FROM recovery_attemptreview AS v
        WHERE v.scope_id = a.scope_id AND v.attempt_id = a.id)
    GROUP BY r.id, r.given_name, r.family_name, r.name_text, r.called ORDER BY r.id;
END $$;
