-- Whom a programme knows already. Records are in scopes of their own, which the staff who admit a
-- patient are usually not in, so this function runs as the owner. It reads the records of one
-- programme, for its staff, and writes nothing.

-- The records of people born on this day, with their care team, and whether the caller sees them.
CREATE OR REPLACE FUNCTION records_born_on(programme uuid, born date)
RETURNS TABLE (record uuid, given text, family text, whole text, is_open boolean, team uuid[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT is_system() AND role_at('staff', NULL, programme, acting_user()) IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'staff of the programme only';
    END IF;
    RETURN QUERY SELECT r.id, r.given_name, r.family_name, r.name_text,
        EXISTS (SELECT FROM recovery_membership AS m
                WHERE m.scope_id = r.id AND m.user_id = acting_user() AND NOT m.held),
        ARRAY(SELECT t.user_id FROM recovery_careteammember AS t
              JOIN recovery_membership AS m ON m.scope_id = r.id AND m.user_id = t.user_id
              WHERE t.scope_id = r.id AND t.until IS NULL AND NOT m.held ORDER BY t.since)
    FROM recovery_carerecord AS r
    WHERE r.programme_id = programme AND r.date_of_birth = born
      AND r.entered_in_error_at IS NULL AND r.replaced_by IS NULL
    ORDER BY r.opened_at;
END $$;
