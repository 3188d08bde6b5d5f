"""What an app does about each problem: the `detail` of problem documents, and the table in
docs/protocol.md. People read the title instead."""

REFUSED = (
    "Show the title. Keep what the person wrote. `current`, if there is one, is the entry as it is"
    " now: to try again, show it, and send its seq as `base` of a new mutation."
)
DETAILS = {
    "internal": (
        "A defect of the server. Keep everything and back off; the same may work later. As a"
        " result: the mutation failed five times. Keep what the person wrote."
    ),
    # The outcome of an action
    "invalid": (
        "`errors` says which fields, and why. The same again does not help. Keep what the person"
        " wrote. If `errors` names the cursor, the app has damaged it: delete the documents, keep"
        " the outbox, and pull with `{}`."
    ),
    "not_found": (
        "There is no such thing, or not for this person. Do not ask again. Keep what they wrote."
    ),
    "unknown_action": "A misspelt name, or an older server. Keep what the person wrote.",
    "not_allowed": "Who may do this is in docs/permissions.md. Keep what the person wrote.",
    "key_reused": "Another request has this key or `uuid`. Make a new one for each act.",
    "in_progress": "Send the same again after `retry_after_ms`.",
    "version_unknown": (
        "`v` is newer than this server knows, also after five tries. Send the version that the"
        " mutation was queued in. Keep what the person wrote."
    ),
    "base_required": (
        "Send `base` with the seq of the document that the person saw. `current` has it. Only a"
        " push carries `base`."
    ),
    "blobs_missing": "Send the files `missing` (again), then push again.",
    # Phones
    "client_unknown": "Register, renumber the outbox, and keep it.",
    "client_forked": "Register, and renumber what is pending.",
    "mutation_gap": (
        "Send from the id `expected` on. If that mutation is gone, register and renumber."
    ),
    # Signing in
    "not_signed_in": "Sign in. Keep this person's data and outbox.",
    "sign_in_unfinished": (
        "Expected, not a failure. Ask for what `data.flows` marks as pending, and send"
        " `meta.session_token` in the header X-Session-Token."
    ),
    "token_expired": "Refresh, then send the same again.",
    "proof_required": "Sign the refresh with the device key, by the server's time (header `Date`).",
    "second_factor_required": "Staff: set up a second factor, then sign in with it.",
    "step_up_required": "Ask for a second factor again (auth/2fa/reauthenticate), then retry.",
    "code_unknown": "The answer never says why. Let the person check code and date of birth.",
    "code_not_yet": (
        "The code is right but waits: for a second member of staff, or until the owner of the"
        " account had time to refuse it. Say when it can be used, and try it then."
    ),
    "second_factor_code_required": (
        "Enrolling on this account needs a code of its second factor. Ask for it and send it with"
        " the same request."
    ),
    "second_factor_code_wrong": "Let the person check the code of the second factor and try again.",
    "wipe": "Delete all data and keys, then send `receipt` to sessions/wipe-receipt.",
    "not_set_up": "Expected before a factor is set up. `meta` has what is needed for it.",
    "no_sign_in": "No sign-in waits for this. Begin again with auth/code/request.",
    # Requests
    "malformed": "A defect of the app: the body is a JSON object in UTF-8.",
    "idempotency_key_required": "A defect of the app: one UUID for each act, also in retries.",
    "piece_length": "A defect of the app: all pieces but the last have `piece_bytes` bytes.",
    "method_not_allowed": "A defect of the app: see the header `Allow`.",
    "not_acceptable": "A defect of the app: accept application/json.",
    "body_late": (
        "The body took longer than its size allows, and the connection was closed. Back off with"
        " full jitter."
    ),
    "offset_mismatch": "Continue the upload at `offset`.",
    "too_large": (
        'A batch: halve it. A single mutation, or a file (422): put it into the "not sent" box.'
    ),
    "not_json": "A defect of the app: Content-Type is application/json.",
    "not_bytes": "A defect of the app: Content-Type of a piece is application/octet-stream.",
    "not_understood": 'Permanent. Put the mutation that names the file into the "not sent" box.',
    "too_many_pixels": "Permanent. Make the picture smaller, or treat it as `not_understood`.",
    "no_such_range": "`Content-Range` says how long the file is.",
    "upgrade_required": "Show the update screen and go on pushing.",
    # Not now, or not here
    "home_moved": "Store `url` as the new home, register there, renumber, send again.",
    "slow_down": "Wait `Retry-After`, then back off with full jitter.",
    "maintenance": "Nothing was done. Wait `Retry-After`, then back off with full jitter.",
    "no_room": "Keep the file and go on reading. Try again after `Retry-After`.",
}
