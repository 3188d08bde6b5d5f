-- Only someone who leads the group can make a patient a member, so a patient who accepts acts for
-- the one who invited them or, if that one has gone, for another who leads the group. The patient's
-- own open invitation says which group; the patient must be in its programme.

-- Who may let the acting user in, the inviter first. Not for `app`.
CREATE OR REPLACE FUNCTION leaders_for(invitation uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.user_id FROM recovery_groupinvitation AS i
    JOIN recovery_scope AS s ON s.id = i.group_id
    JOIN recovery_membership AS m ON m.scope_id = s.id AND NOT m.held
    WHERE i.scope_id = acting_user() AND i.id = invitation AND i.state = 'open'
      AND role_at('staff', s.id, s.home_id, m.user_id) IS NOT NULL AND EXISTS (
        SELECT FROM place_rules() AS r
        WHERE r.verb = 'grant' AND r.kind = s.kind AND r.role = 'member' AND r.by_place = 'here'
          AND r.by_role = m.role
          AND r.needs_role = role_at(r.needs_place, s.id, s.home_id, acting_user()))
    ORDER BY m.user_id = i.invited_by DESC, m.user_id
$$;
REVOKE ALL ON FUNCTION leaders_for FROM PUBLIC, app, jobs;

-- No row: nobody leads the group.
CREATE OR REPLACE FUNCTION leader_for_invited(invitation uuid) RETURNS TABLE (user_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l FROM leaders_for(invitation) AS l LIMIT 1
$$;

CREATE OR REPLACE FUNCTION act_for_leader(person uuid, invitation uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM leaders_for(invitation) AS l WHERE l = person) THEN
        RAISE insufficient_privilege USING MESSAGE = 'they do not lead this group';
    END IF;
    PERFORM become(person);
END $$;
