"""The reference of `fanout`: one ordinary Channels consumer per socket.

The first message names the group. There is no sign-in and no access check.
"""

from __future__ import annotations

import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["VALKEY_URL"]]},
        }
    }
)


class Consumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept("recovery.sync.v1")

    async def receive(self, text_data: str) -> None:
        await self.channel_layer.group_add(text_data, self.channel_name)
        await self.send("hello")

    async def frame(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/v1/live", Consumer.as_asgi())])})
