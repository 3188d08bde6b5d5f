"""The reference phone: the client half of the sync protocol, over real HTTP and websockets."""

from clients.phone.errors import PhoneError
from clients.phone.phone import Phone
from clients.phone.registration import App

__all__ = ["App", "Phone", "PhoneError"]
