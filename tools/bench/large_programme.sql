-- Fills one programme with everything that a few years of care leave behind. The settings
-- bench.programme, .patients, .staff, .messages and .events say which one, and how much.
-- Three in ten are in care; the others are alumni. A counsellor cares for sixty.

-- What is checked for each row is checked for all of them at the end, which takes far less time.
CREATE TEMP TABLE wall ON COMMIT DROP AS
SELECT c.oid::regclass AS of, 'NO FORCE ROW LEVEL SECURITY' AS down,
       'FORCE ROW LEVEL SECURITY' AS up
FROM pg_class AS c WHERE c.relname LIKE 'recovery\_%' AND c.relforcerowsecurity
UNION ALL
SELECT conrelid::regclass, format('DROP CONSTRAINT %I', conname),
       format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid IN (
    'recovery_attendance'::regclass, 'recovery_attendanceversion'::regclass,
    'recovery_attemptreview'::regclass, 'recovery_message'::regclass
);
DO $$ DECLARE w record; BEGIN
    FOR w IN SELECT * FROM wall LOOP EXECUTE format('ALTER TABLE %s %s', w.of, w.down); END LOOP;
END $$;

CREATE TEMP TABLE home ON COMMIT DROP AS
SELECT p.id, s.id AS staff_scope, p.time_zone AS zone, p.week_starts_on,
       current_setting('bench.patients')::int AS patients,
       greatest(1, current_setting('bench.patients')::int * 3 / 10) AS treated,
       current_setting('bench.staff')::int AS staff,
       current_setting('bench.messages')::int AS messages,
       current_setting('bench.events')::int AS events,
       (now() AT TIME ZONE p.time_zone)::date AS today,
       (SELECT id FROM recovery_levelofcare WHERE programme_id = p.id AND code = 'iop') AS iop,
       (SELECT id FROM recovery_levelofcare WHERE programme_id = p.id AND code = 'alumni') AS alumni,
       (SELECT id FROM recovery_exercise WHERE slug = 'urge-surfing') AS surfing,
       p.settings -> 'house_rules' AS house_rules
FROM recovery_programme AS p JOIN recovery_scope AS s ON s.name = 'staff:' || p.id
WHERE p.slug = current_setting('bench.programme');

CREATE FUNCTION pg_temp.week_of(day date, begins int) RETURNS date IMMUTABLE LANGUAGE sql AS
$$ SELECT day - ((extract(isodow FROM day)::int - 1 - begins + 7) % 7) $$;
-- The same number for the same words, from 0 to 99.
CREATE FUNCTION pg_temp.dice(words text) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT abs(hashtext(words)) % 100 $$;
CREATE FUNCTION pg_temp.given(n int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
SELECT (ARRAY['Ana','Ben','Cleo','Dee','Eli','Faye','Gus','Hana','Ivo','June','Kai','Lucía','Mia',
              'Noah','Omar','Pia','Quin','Rosa','Sam','Tess','Uma','Vic','Wren'])[n % 23 + 1] $$;
CREATE FUNCTION pg_temp.family(n int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
SELECT (ARRAY['Marsh','Prado','Linden','Reyes','Brandt','Osei','Dale','Bell','Quill','Hale','Núñez',
              'Alder','Stone','Rivera','Okafor','Lind','Vance','Ito','Moreau'])[n / 23 % 19 + 1]
       || CASE WHEN n < 437 THEN '' ELSE ' ' || chr(65 + n / 437 % 26) END $$;

CREATE TEMP TABLE staff ON COMMIT DROP AS
SELECT n, uuidv7() AS id, role, row_number() OVER (PARTITION BY role ORDER BY n) - 1 AS place,
       count(*) OVER (PARTITION BY role) AS peers
FROM (
    SELECT n, (ARRAY['counsellor','admin','alumni_coordinator','case_manager','case_manager',
                     'clinician','counsellor','case_manager','case_manager','counsellor','admin',
                     'case_manager','clinician','counsellor','case_manager','case_manager',
                     'clinician','counsellor','case_manager','admin'])[n % 20 + 1] AS role
    FROM home, generate_series(0, home.staff - 1) AS n
) AS roles;

CREATE TEMP TABLE patient ON COMMIT DROP AS
SELECT n, uuidv7() AS user_id, uuidv7() AS record, n < home.treated AS in_care,
       -- In care: whose caseload, and the place in it. Alumni: the block of fifty, and the place.
       CASE WHEN n < home.treated THEN n % counsellors ELSE (n - home.treated) / 50 END AS block,
       CASE WHEN n < home.treated THEN n / counsellors ELSE (n - home.treated) % 50 END AS place,
       CASE WHEN n < home.treated THEN home.today - 5 - n * 37 % 85
            ELSE home.today - 100 - n * 37 % 1400 END AS since,
       CASE WHEN n >= home.treated THEN home.today - 10 - n * 37 % 1400 END AS alumnus_since
FROM home, generate_series(0, home.patients - 1) AS n,
     (SELECT greatest(1, count(*)::int) AS counsellors FROM staff WHERE role = 'counsellor') AS c;
ALTER TABLE patient ADD PRIMARY KEY (n);
ANALYZE staff, patient;

-- Groups of eight to twelve.
CREATE TEMP TABLE circle ON COMMIT DROP AS
SELECT uuidv7() AS id, in_care, block, part, row_number() OVER (ORDER BY in_care, block, part) AS n,
       array_agg(n ORDER BY n) AS members
FROM (
    SELECT *, CASE WHEN place < 8 THEN 0 WHEN place < 17 THEN 1 WHEN place < 27 THEN 2
                   WHEN place < 38 THEN 3 WHEN place < 50 THEN 4 ELSE 5 END AS part
    FROM patient
) AS parts GROUP BY in_care, block, part;
CREATE TEMP TABLE circle_member ON COMMIT DROP AS
SELECT c.id, c.in_care, c.n AS circle, p.n, p.user_id, p.record, p.since, uuidv7() AS card
FROM circle AS c, unnest(c.members) AS m (n) JOIN patient AS p USING (n);
-- A counsellor leads the groups of their caseload, a coordinator every sixth of the alumni.
CREATE TEMP TABLE leader ON COMMIT DROP AS
SELECT c.id, s.id AS user_id FROM circle AS c JOIN staff AS s ON CASE
    WHEN c.in_care THEN s.role = 'counsellor' AND s.place = c.block
    WHEN c.n % 6 = 0 OR NOT EXISTS (SELECT FROM staff WHERE role = 'case_manager')
        THEN s.role = 'alumni_coordinator' AND s.place = c.n / 6 % s.peers
    ELSE s.role = 'case_manager' AND s.place = c.n % s.peers END;
CREATE TEMP TABLE team ON COMMIT DROP AS
SELECT p.record, p.since, s.id AS user_id, s.role FROM patient AS p JOIN staff AS s ON CASE
    WHEN p.in_care THEN s.role = 'counsellor' AND s.place = p.block
                        OR s.role = 'case_manager' AND s.place = p.n % s.peers
                        OR s.role = 'admin' AND s.place = 0 AND p.n < 12
    WHEN p.n % 9 = 0 OR NOT EXISTS (SELECT FROM staff WHERE role = 'case_manager')
        THEN s.role = 'alumni_coordinator' AND s.place = p.n / 9 % s.peers
    ELSE s.role = 'case_manager' AND s.place = p.n % s.peers END;
ANALYZE circle, circle_member, leader, team;

INSERT INTO recovery_user (id, password, email, is_active, is_staff, locale, created_at)
SELECT id, '', id || '@staff.example', true, true, 'en', now() FROM staff
UNION ALL SELECT user_id, '', user_id || '@mail.example', true, false, 'en', now() FROM patient;
INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
SELECT s.id, s.kind || ':' || s.id, s.kind, coalesce(s.home, home.id), 0, 0, 1, true, now()
FROM home, (
    SELECT id, 'person' AS kind, id AS home FROM staff
    UNION ALL SELECT user_id, 'person', user_id FROM patient
    UNION ALL SELECT record, 'care', NULL FROM patient
    UNION ALL SELECT id, 'group', NULL FROM circle
) AS s;
INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
SELECT scope, user_id, role, 1, 0, false FROM (
    SELECT id AS scope, id AS user_id, 'self' AS role FROM staff
    UNION ALL SELECT user_id, user_id, 'self' FROM patient
    UNION ALL SELECT record, user_id, 'patient' FROM patient
    UNION ALL SELECT record, user_id, role FROM team
    UNION ALL SELECT id, user_id, 'member' FROM circle_member
    UNION ALL SELECT id, user_id, 'facilitator' FROM leader
    UNION ALL SELECT home.id, user_id, CASE WHEN p.in_care THEN 'patient' ELSE 'alumnus' END
              FROM home, patient AS p
    UNION ALL SELECT home.id, staff.id, role FROM home, staff
    UNION ALL SELECT home.staff_scope, staff.id, role FROM home, staff
) AS places;
INSERT INTO recovery_person
    (id, scope_id, given_name, family_name, called, date_of_birth, email, phone)
SELECT id, id, pg_temp.given(n * 7), pg_temp.family(n * 11), '', NULL, '', '' FROM staff
UNION ALL SELECT user_id, user_id, pg_temp.given(n), pg_temp.family(n), '',
                 date '1970-01-01' + n, '', '' FROM patient;
INSERT INTO recovery_staffmember (id, scope_id, user_id, given_name, family_name, role)
SELECT uuidv7(), home.id, staff.id, pg_temp.given(n * 7), pg_temp.family(n * 11), role
FROM home, staff;

INSERT INTO recovery_carerecord (id, scope_id, programme_id, user_id, given_name, family_name,
    called, date_of_birth, locale, email, phone, opened_at, alumnus_since)
SELECT record, record, home.id, user_id, pg_temp.given(n), pg_temp.family(n), '',
       date '1970-01-01' + n, 'en', user_id || '@mail.example', '555-0142', since, alumnus_since
FROM home, patient;
INSERT INTO recovery_careteammember (id, scope_id, record_id, user_id, role, since)
SELECT uuidv7(), record, record, user_id, role, since FROM team;
CREATE TEMP TABLE course ON COMMIT DROP AS SELECT *, uuidv7() AS id FROM patient;
INSERT INTO recovery_episode (id, scope_id, record_id, started_on, end_reason)
SELECT id, record, record, since, '' FROM course;
INSERT INTO recovery_episodechapter (id, scope_id, episode_id, level_id, asam_edition, asam_code,
    minutes_target, from_date, reason, decided_by, recorded_by, recorded_at)
SELECT uuidv7(), c.record, c.id, l.id, l.asam_edition, l.asam_code, l.minutes_target, from_date,
       reason, s.id, s.id, from_date
FROM home, staff AS s, course AS c,
     LATERAL (VALUES (home.iop, c.since, 'admission'), (home.iop, c.since + 30, 'Goes on well.'),
                     (home.alumni, c.alumnus_since, 'Has completed.')) AS v (level, from_date, reason)
     JOIN recovery_levelofcare AS l ON l.id = v.level
WHERE s.n = 0 AND from_date <= home.today;

INSERT INTO recovery_peergroup (id, scope_id, programme_id, name, size_max, house_rules, opened_at,
    opened_by)
SELECT c.id, c.id, home.id, CASE WHEN in_care THEN 'Evening circle ' ELSE 'Alumni circle ' END || c.n,
       12, coalesce(home.house_rules, '[]'), now() - interval '300 days',
       (SELECT user_id FROM leader AS l WHERE l.id = c.id LIMIT 1)
FROM home, circle AS c;
INSERT INTO recovery_membercard (id, scope_id, user_id, alias, avatar, role, joined_at)
SELECT card, id, user_id, 'River ' || n, '', 'member', since FROM circle_member
UNION ALL SELECT uuidv7(), id, user_id, 'Leader', '', 'facilitator', now() - interval '300 days'
FROM leader;
INSERT INTO recovery_consent (id, scope_id, user_id, kind, subject_id, patient_name, discloser,
    information, recipient, purpose, revocation, expiry, signature, signer_role, signed_at, form_id,
    form_version, locale, text_hash, state)
SELECT uuidv7(), record, user_id, 'peer_group_visibility', id, 'A name', 'The programme',
       'That I am in care', 'The group', 'To take part', 'At any time', 'When I leave', 'A name',
       'patient', since, gen_random_uuid(), '2026-02', 'en', repeat('0', 64), 'active'
FROM circle_member;

-- The timetable: three evenings a week in care and one for alumni, talks, and a class of today's.
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT uuidv7() AS id, p.*, row_number() OVER () AS n FROM (
    SELECT c.id AS scope, in_care, 'group' AS kind, 'Evening circle' AS title, '18:00' AS at,
           CASE WHEN in_care THEN 180 ELSE 90 END AS minutes,
           CASE WHEN in_care THEN '{1,3,5}'::int[] ELSE ARRAY[c.n % 7 + 1]::int[] END AS days
    FROM circle AS c
    UNION ALL SELECT record, true, 'individual', 'Talk', (9 + patient.n % 8) || ':00', 50,
                     ARRAY[patient.n % 5 + 1] FROM patient WHERE in_care
    UNION ALL SELECT c.id, true, 'education', 'Relapse prevention',
        to_char(now() AT TIME ZONE home.zone - interval '30 minutes', 'HH24:MI'), 120,
        ARRAY[extract(isodow FROM now() AT TIME ZONE home.zone - interval '30 minutes')::int]
    FROM home, circle AS c WHERE in_care
) AS p;
INSERT INTO recovery_sessionseries (id, scope_id, programme_id, kind, title, rule, first_date, times,
    slots, dropped, time_zone, minutes, place, video_link, planned_to, changed_at, tzdata)
SELECT plan.id, scope, home.id, kind, title,
       'FREQ=WEEKLY;BYDAY=' || (SELECT string_agg((ARRAY['MO','TU','WE','TH','FR','SA','SU'])[d], ',')
                                FROM unnest(days) AS d),
       home.today - 90, jsonb_build_array(lpad(at, 5, '0')), '[0]', '{}', home.zone, minutes,
       'Room ' || n % 40, '', home.today + 28, now(), ''
FROM home, plan;
INSERT INTO recovery_appointment (id, scope_id, series_id, programme_id, local_date, slot, kind,
    title, starts_at, ends_at, time_zone, place, video_link, status, reason)
SELECT uuidv7(), scope, plan.id, home.id, day, 0, kind, title, begins,
       begins + minutes * interval '1 minute', home.zone, 'Room ' || n % 40, '',
       CASE WHEN pg_temp.dice(plan.id::text || day) < 2 THEN 'cancelled' ELSE 'booked' END, ''
FROM home, plan, generate_series(-90, 28) AS ahead,
     LATERAL (SELECT home.today + ahead AS day) AS d,
     LATERAL (SELECT (day + at::time) AT TIME ZONE home.zone AS begins) AS b
WHERE extract(isodow FROM day)::int = ANY (days) AND (kind <> 'education' OR abs(ahead) < 2);

-- Attendance of the last ninety days, and what alumni have of theirs.
CREATE TEMP TABLE came ON COMMIT DROP AS
SELECT uuidv7() AS id, t.*, pg_temp.dice(t.record::text || t.session) AS dice FROM (
    SELECT m.record, a.id AS session, a.scope_id AS scope, a.kind, a.title, a.starts_at, a.ends_at
    FROM circle_member AS m JOIN recovery_appointment AS a ON a.scope_id = m.id
    WHERE m.in_care AND a.status = 'booked' AND a.kind = 'group' AND a.starts_at > m.since
      AND a.ends_at < now() - interval '4 hours'
    UNION ALL
    SELECT p.record, a.id, a.scope_id, a.kind, a.title, a.starts_at, a.ends_at
    FROM patient AS p JOIN recovery_appointment AS a ON a.scope_id = p.record
    WHERE a.status = 'booked' AND a.starts_at > p.since AND a.ends_at < now() - interval '4 hours'
    UNION ALL
    SELECT p.record, uuidv7(), p.record, 'group', 'Evening circle', begins, begins + interval '3 hours'
    FROM patient AS p, generate_series(1, 40) AS k,
         LATERAL (SELECT p.alumnus_since - k * 2 + interval '26 hours' AS begins) AS b
    WHERE NOT p.in_care
) AS t;
INSERT INTO recovery_attendance (id, scope_id, record_id, appointment_id, appointment_scope_id, kind,
    title, starts_at, ends_at, week_start, version, status, credited_minutes, recorded_by, recorded_at)
SELECT came.id, record, record, session, scope, kind, title, starts_at, ends_at,
       pg_temp.week_of((starts_at AT TIME ZONE home.zone)::date, home.week_starts_on),
       CASE WHEN dice % 33 = 0 THEN 2 ELSE 1 END,
       CASE WHEN dice < 82 THEN 'present' WHEN dice < 93 THEN 'absent' ELSE 'excused' END,
       CASE WHEN dice < 82 THEN extract(epoch FROM ends_at - starts_at)::int / 60 ELSE 0 END,
       s.id, starts_at
FROM home, came, staff AS s WHERE s.n = 0;
INSERT INTO recovery_attendanceversion (id, scope_id, attendance_id, version, reason, status,
    credited_minutes, recorded_by, recorded_at)
SELECT uuidv7(), a.scope_id, a.id, v, CASE WHEN v = 2 THEN 'Sat at the back' ELSE '' END, a.status,
       a.credited_minutes, a.recorded_by, a.recorded_at
FROM came JOIN recovery_attendance AS a ON a.id = came.id, generate_series(1, a.version) AS v;
INSERT INTO recovery_weekofhours (id, scope_id, record_id, week_start, week_end, level_id, minutes_min,
    minutes_target, minutes_max, minutes_done, minutes_booked)
SELECT uuidv7(), record, record, week, week + 6, l.id, l.minutes_min, l.minutes_target, l.minutes_max,
       least(l.minutes_target, pg_temp.dice(record::text || week) * 8), 0
FROM home, (
    SELECT DISTINCT record, in_care, pg_temp.week_of(day, home.week_starts_on) AS week
    FROM home, patient, LATERAL (SELECT home.today - 7 * k AS day FROM generate_series(0, 13) AS k) AS d
    WHERE in_care AND day >= since
    UNION
    SELECT record, true, pg_temp.week_of(alumnus_since - 7 * k, home.week_starts_on)
    FROM home, patient, generate_series(1, 12) AS k WHERE NOT in_care
    UNION SELECT record, false, pg_temp.week_of(home.today, home.week_starts_on)
    FROM home, patient WHERE NOT in_care
) AS w, LATERAL (SELECT * FROM recovery_levelofcare AS l
                 WHERE l.id = CASE WHEN w.in_care THEN home.iop ELSE home.alumni END) AS l
ON CONFLICT DO NOTHING;

-- What people record, and what staff have read of it: not yet the last three days.
INSERT INTO recovery_checkin (id, scope_id, user_id, local_date, slot, time_zone, revision,
    success_shared, mood, craving_now, sleep_hours, plan, recorded_at, received_at, signed_by, signed_at)
SELECT uuidv7(), record, user_id, day, 'day', home.zone, 0, false, 1 + dice % 5,
       CASE WHEN dice < 3 THEN 8 ELSE dice % 7 END, 5 + dice % 4, 'Walk home the long way.',
       day + interval '16 hours', day + interval '16 hours', s.id, s.at
FROM home, patient, generate_series(0, 89) AS k,
     LATERAL (SELECT home.today - 1 - k AS day) AS d,
     LATERAL (SELECT pg_temp.dice(record::text || day) AS dice) AS i
     LEFT JOIN LATERAL (SELECT id, day + interval '1 day' AS at FROM staff WHERE staff.n = 0 AND k > 2)
          AS s ON true
WHERE day >= since AND dice < CASE WHEN in_care THEN 70 ELSE 30 END AND (in_care OR k > 2);
INSERT INTO recovery_assignment (id, scope_id, exercise_id, note, assigned_by, assigned_at, withdrawn_at)
SELECT uuidv7(), record, e.id, 'Do the part that helps you.', s.id, now() - k * interval '5 days',
       CASE WHEN k > 1 THEN now() END
FROM patient, staff AS s, (SELECT id, row_number() OVER () AS k FROM recovery_exercise) AS e
WHERE s.n = 0 AND k <= CASE WHEN in_care THEN 5 ELSE 2 END;
CREATE TEMP TABLE tried ON COMMIT DROP AS
SELECT uuidv7() AS id, record, user_id, k, now() - k * interval '1 day' - dice * interval '8 minutes' AS at
FROM patient, generate_series(0, 59) AS k,
     LATERAL (SELECT pg_temp.dice(record::text || 'tried' || k) AS dice) AS d
WHERE dice < CASE WHEN in_care THEN 50 ELSE 25 END AND (in_care OR k > 2);
INSERT INTO recovery_attempt (id, scope_id, user_id, exercise_id, version, started_at, finished_at,
    before, after, answers, recorded_at, received_at)
SELECT tried.id, record, user_id, home.surfing, 1, at - interval '9 minutes', at, 8, 4,
       '{"where": ["chest", "legs"], "feels_like": "Tight, then warm", "peak": 8, "wave": 540}', at, at
FROM home, tried;
INSERT INTO recovery_attemptreview (id, scope_id, attempt_id, comment, reviewed_by, reviewed_at)
SELECT uuidv7(), record, tried.id, 'You stayed with it. That is the skill.', s.id, at + interval '1 day'
FROM tried, staff AS s WHERE s.n = 0 AND k > 2;

INSERT INTO recovery_message
    (id, scope_id, author_id, text, attachments, written_at, received_at)
SELECT uuidv7(back), c.id, m.card, repeat('The bus was late again. ', 3), '[]', now() + back, now() + back
FROM home, (SELECT count(*) AS number FROM circle) AS all_of_them, circle AS c
     CROSS JOIN LATERAL generate_series(1, home.messages / all_of_them.number) AS k
     CROSS JOIN LATERAL (SELECT -k * interval '3 hours' AS back) AS b
     JOIN (SELECT id, card, row_number() OVER (PARTITION BY id) - 1 AS place FROM circle_member) AS m
       ON m.id = c.id AND m.place = k % 8 % cardinality(c.members);

-- Codes: most were used, some are too old, a few wait.
INSERT INTO recovery_invitation (id, scope_id, programme_id, user_id, for_staff, by_email, code_hash,
    created_at, expires_at, invited_by, used_at, needs_approval)
SELECT uuidv7(), home.staff_scope, home.id, p.user_id, p.for_staff, p.n % 3 > 0,
       sha256(p.user_id::text::bytea), at, at + interval '14 days', s.id,
       CASE WHEN p.n % 40 > 0 THEN at + interval '1 hour' END, p.n % 400 = 0
FROM home, staff AS s, (
    SELECT n, user_id, false AS for_staff FROM patient UNION ALL SELECT n, id, true FROM staff
) AS p, LATERAL (SELECT now() - (p.n % 500) * interval '1 day' - interval '1 hour' AS at) AS a
WHERE s.n = 0;
INSERT INTO recovery_devicesession (id, scope_id, platform, app, name, methods, created_at, last_seen,
    auth_time, idle_for, idle_expires_at, expires_at, access_hash, access_expires_at, family_hash,
    current_hash, generation, rotated_at, arrived, proof_nonces, revoked_why)
SELECT uuidv7(), user_id, 'android', '1.0', '', '["email_code"]', now(), now(), now(), '60 days',
       now() + interval '60 days', now() + interval '60 days', sha256(('a' || key)::bytea), now(),
       sha256(('f' || key)::bytea), sha256(('c' || key)::bytea), 0, now(), true, '[]', ''
FROM patient, generate_series(1, 2) AS phone, LATERAL (SELECT user_id || '/' || phone AS key) AS k;

-- Announcements and what was sent to phones.
CREATE TEMP TABLE sent ON COMMIT DROP AS
SELECT uuidv7(at - now()) AS id, at, n FROM (
    SELECT n, now() - n * interval '14 days' - interval '2 hours' AS at FROM generate_series(0, 29) AS n
) AS t WHERE n = 0 OR current_setting('bench.patients')::int > 100;
INSERT INTO recovery_campaign (id, scope_id, programme_id, text, state, drafted_by, drafted_at,
    announced_by, announced_at, sent_at, planned, reached, held_back)
SELECT sent.id, home.staff_scope, home.id,
       '{"en": "Walk at the lake on Sunday, 10 AM.", "es": "Caminata en el lago, 10 a. m."}', 'sent',
       s.id, at, s.id, at, at, home.patients - home.treated, home.patients - home.treated, 0
FROM home, sent, staff AS s WHERE s.role = 'alumni_coordinator' AND s.place = 0;
INSERT INTO recovery_inboxitem (id, scope_id, campaign_id, programme_id, text, received_at)
SELECT uuidv7(), user_id, sent.id, home.id, '{"en": "Walk at the lake on Sunday, 10 AM."}', at
FROM home, sent, patient WHERE NOT in_care;
INSERT INTO notifications_delivery (bucket, id, scope_id, registration_id, push_class, rank, due,
    expires, state, fence, attempts, reason, settled_at, fcm_id)
SELECT notifications_bucket(user_id), uuidv7(), user_id, user_id, 'sync', 1, at, at, 'sent', 1, 1, '',
       at, 'm'
FROM patient, generate_series(1, 30) AS k, LATERAL (SELECT now() - k * interval '1 day' AS at) AS a;

-- The audit of ninety days: what people did, and what staff read of them.
INSERT INTO recovery_auditevent (id, scope_id, at, actor_id, action, outcome, objects_touched, request_id)
SELECT uuidv7(back), scope, now() + back, actor, CASE WHEN k % 3 = 0 THEN 'practice.record_check_in'
       ELSE 'read person' END, CASE WHEN k % 3 = 0 THEN 'applied' ELSE 'read' END,
       jsonb_build_array(jsonb_build_array('carerecord', scope, scope)), gen_random_uuid()
FROM home CROSS JOIN generate_series(1, home.events) AS k
     CROSS JOIN LATERAL (SELECT -k * interval '90 days' / home.events AS back) AS b
     JOIN patient AS p ON p.n = k::bigint * 7919 % home.patients
     CROSS JOIN LATERAL (SELECT CASE WHEN k % 10 = 1 THEN home.staff_scope ELSE p.record END AS scope,
                                CASE WHEN k % 3 = 0 THEN p.user_id ELSE (SELECT id FROM staff
                                     WHERE staff.n = k % home.staff) END AS actor) AS s;

SET CONSTRAINTS ALL IMMEDIATE;
DO $$ DECLARE w record; BEGIN
    FOR w IN SELECT * FROM wall LOOP EXECUTE format('ALTER TABLE %s %s', w.of, w.up); END LOOP;
END $$;
