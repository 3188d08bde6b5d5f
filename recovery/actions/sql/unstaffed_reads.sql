-- Audit that an administrator was shown what nobody on the staff is in: one event in the scope of
-- each. The functions that find these rows run as the owner and call this one. Run by anyone else,
-- it writes only where they may write themselves.
CREATE OR REPLACE FUNCTION note_unstaffed_read(
    kind text, scopes uuid[], session uuid, request uuid, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recovery_auditevent
        (id, scope_id, at, actor_id, session_id, action, outcome, objects_touched, request_id)
    SELECT uuidv7(), s, note_unstaffed_read.at, acting_user(), session, 'read ' || kind, 'read',
           jsonb_build_array(jsonb_build_array(kind, s, s)), request
    FROM unnest(scopes) AS s;
END $$;
