-- Each person's side of a connection is in their own scope, so one who asks, answers or ends acts
-- for the other too. Both are members of a group, and not its facilitators. They may have left the
-- group in which they met: then the acting user's own side says who the other is, and both must have
-- been in its programme.

CREATE OR REPLACE FUNCTION act_for_peer(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM recovery_membership AS mine
        JOIN recovery_scope AS s ON s.id = mine.scope_id AND s.kind = 'group'
        JOIN recovery_membership AS theirs ON theirs.scope_id = s.id
        WHERE mine.user_id = acting_user() AND mine.role = 'member' AND NOT mine.held
          AND theirs.user_id = person AND theirs.role = 'member' AND NOT theirs.held
    ) AND NOT EXISTS (
        SELECT FROM recovery_connection AS c
        JOIN recovery_membership AS mine
            ON mine.scope_id = c.programme_id AND mine.user_id = c.scope_id
        JOIN recovery_membership AS theirs
            ON theirs.scope_id = c.programme_id AND theirs.user_id = person
        WHERE c.scope_id = acting_user() AND c.other_user_id = person
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing connects the acting user with them';
    END IF;
    PERFORM become(person);
END $$;
