"""A reference phone: the client half of the sync protocol, over real HTTP and websockets."""

from phone.errors import PhoneError
from phone.phone import Phone
from phone.registration import App

__all__ = ["App", "Phone", "PhoneError"]
