-- What a sign-in ceremony reads and writes before anyone is signed in. Inside a transaction of
-- someone who is, these functions write about nobody else, and never that an action was applied.

-- What concerns no account is written all the same and then rolled back, by this error. So neither
-- the response nor its timing reveals whether there is an account, and strangers leave no rows.

-- A code was requested: queue the e-mail.
CREATE OR REPLACE FUNCTION queue_sign_in_code(
    letter uuid, person uuid, is_known boolean, letter_type text, mail text, sealed bytea,
    at timestamptz, expires timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF is_known AND person <> coalesce(acting_user(), person) THEN
        RAISE insufficient_privilege USING MESSAGE = 'someone else is acting';
    END IF;
    INSERT INTO notifications_letter
        (bucket, id, scope_id, type, mail, due, expires, sealed, state, fence, attempts, reason)
    VALUES (notifications_bucket(person), letter, person, letter_type, mail, at, expires, sealed,
            'planned', 0, 0, '');
    IF NOT is_known THEN
        RAISE SQLSTATE 'HR404';
    END IF;
EXCEPTION WHEN SQLSTATE 'HR404' THEN
    RETURN;
END $$;

-- The outcome of an attempt to sign in: counted for the network and the hour and, for a known
-- account, an audit event in its owner's scope, but at most `most` alike in an hour.
CREATE OR REPLACE FUNCTION note_sign_in_attempt(
    network bytea, hour timestamptz, action text, outcome text, event uuid, person uuid,
    is_known boolean, most int, at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF is_known AND person <> coalesce(acting_user(), person)
        OR outcome NOT IN ('refused', 'unknown') AND action <> 'people.request_code'
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'not an attempt to sign in';
    END IF;
    INSERT INTO recovery_signinattempts AS a (id, network, hour, action, count, refused)
    VALUES (md5(encode(network, 'hex') || hour::text || action)::uuid, network, hour, action, 1,
            (outcome = 'refused')::int)
    ON CONFLICT (id) DO UPDATE
    SET count = a.count + 1, refused = a.refused + excluded.refused;
    BEGIN
        INSERT INTO recovery_auditevent
            (id, scope_id, at, actor_id, session_id, action, outcome, objects_touched, request_id)
        SELECT event, person, at, person, NULL, action, outcome, '[]', event
        WHERE most > (
            SELECT count(*) FROM recovery_auditevent AS e
            WHERE e.scope_id = person AND e.at > note_sign_in_attempt.at - interval '1 hour'
                AND e.action = note_sign_in_attempt.action
                AND e.outcome = note_sign_in_attempt.outcome);
        IF NOT is_known THEN
            RAISE SQLSTATE 'HR404';
        END IF;
    EXCEPTION WHEN SQLSTATE 'HR404' THEN
        RETURN;
    END;
END $$;

-- Whether this install has signed in to the account with this address before. Only the phone knows
-- the install's secret. A phone that was lost or copied, or has to wipe its data, no longer counts.
CREATE OR REPLACE FUNCTION is_known_install(address text, by_install bytea)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM recovery_user AS u JOIN recovery_devicesession AS s ON s.scope_id = u.id
        WHERE u.email = address AND u.is_active AND s.install = by_install
            AND s.wipe_requested_at IS NULL AND s.revoked_why NOT IN ('lost', 'reuse'))
$$;
