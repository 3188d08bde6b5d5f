"""The environment variables that point the processes at the local servers."""

from local import postgres, valkey
from local.place import Place
from local.postgres import ROLES, Server

DATABASE = "handrail"


def variables(place: Place, server: Server, valkey_url: str) -> dict[str, str]:
    """Everything server/settings.py needs when both servers are local."""
    return database_urls(server, DATABASE) | {"VALKEY_URL": valkey_url} | keys(place)


def database_urls(server: Server, database: str) -> dict[str, str]:
    """DATABASE_URL for the application and one DATABASE_URL_<ROLE> for each other role."""
    others = {
        f"DATABASE_URL_{role.upper()}": server.url(role, database)
        for role in ROLES
        if role != "app"
    }
    return {"DATABASE_URL": server.url("app", database)} | others


def keys(place: Place) -> dict[str, str]:
    """The secrets of the application itself, kept from run to run."""
    return {"SECRET_KEY": place.secret("secret-key"), "SEALING_KEY": place.secret("sealing-key")}


def of_running(place: Place) -> dict[str, str]:
    """The variables of the servers that another process runs in `place`."""
    return variables(place, postgres.known(place), valkey.known(place))
