"""The two ways to sign in: a code from the clinic, or a code by e-mail."""

from typing import Any

from clients.phone import device
from clients.phone.errors import Problem
from clients.phone.registration import App
from clients.phone.session import Session

CODE_REQUEST = "/auth/app/v1/auth/code/request"
CODE_CONFIRM = "/auth/app/v1/auth/code/confirm"


class SignIn:
    def __init__(self, session: Session, app: App, name: str) -> None:
        self.session = session
        self.app = app
        self.name = name
        self._ceremony: str | None = None  # allauth's token of the current sign-in

    def device(self) -> dict[str, str]:
        """The description of this phone for the server and the user's list of devices."""
        public = device.public_key(self.session.keystore.get("device_key"))
        app = {"platform": self.app.platform, "app": self.app.version}
        return {**app, "name": self.name, "public_key": public}

    async def enrol(self, code: str, date_of_birth: str) -> str:
        """Enrol with the one-use code from the clinic. Returns the new user's id."""
        self.session.start_over()
        body = {"code": code, "date_of_birth": date_of_birth, **self._install()}
        answer = await self.session.ask("/api/v1/enrolment", body)
        self.session.begin(answer["user"], answer)
        return str(answer["user"])

    async def request_code(self, email: str) -> None:
        """Request a code by e-mail. The answer is the same for an unknown address.

        The install's secret lets a phone that has signed in before pass when others have asked for
        too many codes.
        """
        self.session.start_over()
        body = {"email": email, "install": self.session.keystore.get("install")}
        try:
            await self.session.ask(CODE_REQUEST, body)
        except Problem as pending:
            # allauth answers 401 while a sign-in is incomplete, with its token in `meta`.
            if pending.status != 401:
                raise
            self._ceremony = pending.body["meta"]["session_token"]

    async def confirm_code(self, code: str) -> str:
        """Sign in with the code from the e-mail. Returns the user's id."""
        body = {"code": code, **self._install()}
        ceremony = {"X-Session-Token": self._ceremony or ""}
        answer = await self.session.ask(CODE_CONFIRM, body, **ceremony)
        user = str(answer["data"]["user"]["id"])
        self.session.begin(user, answer["meta"])
        return user

    def _install(self) -> dict[str, Any]:
        return {"install": self.session.keystore.get("install"), "device": self.device()}
