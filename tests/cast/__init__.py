"""One cast for all tests. After a day the names carry the meaning:

- **Ana** is the patient; **Ben** is in the same group, **Cleo** in the same programme but in no
  group of theirs until she joins. **Elm** and others come when a test needs one more.
- **Dana** is the counsellor who cares for them and leads the group. **Eli** is a clinician of the
  same programme, **Fay** its administrator, **Opal** its alumni coordinator.
- **Olive** works for another programme. A **stranger** belongs nowhere.

`make_circle` makes the first four in one programme; `in_care` makes Ana with a whole care team.
Both put rows straight into the tables, in a transaction that the test may roll back. A test about
admission, levels or timetables loads a real programme: `load_programme`, `employ`, `admit`.

Everybody acts through `act`, at `NOW` by default, or over HTTP through a `FakePhone`; `documents`
is what their phone holds then. A `ReferencePhone` keeps what it pulls, as a real one does.
tests/sync, tests/vectors and tests/clients/phone have phones of their own: the client's half of the
protocol is what they test.
"""

from tests.cast.acting import NOW, act, act_as_system, run_daily, run_jobs
from tests.cast.console import ConsoleBrowser
from tests.cast.groups import Circle, invite, joining, make_circle, open_group, signed
from tests.cast.people import (
    ANA,
    HOME,
    WORDS,
    invite_patient,
    make_device,
    make_user,
    reachable,
    sign_in,
)
from tests.cast.phone import FakePhone, answer, cursor_after, mutation
from tests.cast.programme import (
    ADMISSION,
    EVENING_GROUP,
    LEGAL_NAME,
    NORTHLIGHT,
    Care,
    admit,
    begin_memberships,
    employ,
    hire,
    in_care,
    load_programme,
    make_fay,
    make_olive,
    make_patient,
    make_programme,
    user_of,
)
from tests.cast.reading import bodies, count, documents, scopes_of, seq
from tests.cast.reference_phone import ReferencePhone
from tests.cast.texts import (
    FORM,
    NOTICE,
    PRESETS,
    acknowledge,
    content,
    exercise,
    form_id,
    load_wordings,
    notice_id,
    open_library,
    preset,
    shipped,
)

__all__ = [
    "ADMISSION",
    "ANA",
    "EVENING_GROUP",
    "FORM",
    "HOME",
    "LEGAL_NAME",
    "NORTHLIGHT",
    "NOTICE",
    "NOW",
    "PRESETS",
    "WORDS",
    "Care",
    "Circle",
    "ConsoleBrowser",
    "FakePhone",
    "ReferencePhone",
    "acknowledge",
    "act",
    "act_as_system",
    "admit",
    "answer",
    "begin_memberships",
    "bodies",
    "content",
    "count",
    "cursor_after",
    "documents",
    "employ",
    "exercise",
    "form_id",
    "hire",
    "in_care",
    "invite",
    "invite_patient",
    "joining",
    "load_programme",
    "load_wordings",
    "make_circle",
    "make_device",
    "make_fay",
    "make_olive",
    "make_patient",
    "make_programme",
    "make_user",
    "mutation",
    "notice_id",
    "open_group",
    "open_library",
    "preset",
    "reachable",
    "run_daily",
    "run_jobs",
    "scopes_of",
    "seq",
    "shipped",
    "sign_in",
    "signed",
    "user_of",
]
