-- What a sign-in ceremony writes before anyone is signed in.

-- A code was requested. Writes the same rows whether or not the address has an account, so that
-- neither the response nor its timing reveals it. An e-mail to an unknown address is never sent.
CREATE OR REPLACE FUNCTION code_requested(
    letter uuid, person uuid, is_known boolean, type text, mail text, sealed bytea,
    at timestamptz, expires timestamptz, event uuid
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO notifications_letter
        (bucket, id, scope_id, type, mail, due, expires, sealed, state, fence, attempts, reason,
         settled_at)
    VALUES (notifications_bucket(person), letter, person, type, mail, at, expires,
            CASE WHEN is_known THEN sealed ELSE '' END,
            CASE WHEN is_known THEN 'planned' ELSE 'expired' END, 0, 0, '',
            CASE WHEN is_known THEN NULL ELSE at END);
    PERFORM sign_in_noted(event, person, 'people.request_code',
                          CASE WHEN is_known THEN 'applied' ELSE 'unknown' END, at);
END $$;

-- The outcome of an attempt to sign in, in the scope of the account's owner.
CREATE OR REPLACE FUNCTION sign_in_noted(
    event uuid, person uuid, action text, outcome text, at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO recovery_auditevent
        (id, scope_id, at, actor_id, session_id, action, outcome, objects_touched, request_id)
    VALUES (event, person, at, person, NULL, action, outcome, '[]', event);
END $$;
