"""What goes on beside the requests: rights, releases and clients are looked at again and again."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from time import monotonic

from secmlops.gateway.clients import INTERVAL_S
from secmlops.gateway.fleet import Fleet
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.presence import Presence
from secmlops.gateway.rights import INTERVAL_SECONDS, Rights

PRESENCE_SECONDS = 1.0

logger = logging.getLogger("secmlops.gateway")


@contextlib.asynccontextmanager
async def kept_up(gateway: Gateway, rights: Rights, presence: Presence) -> AsyncIterator[None]:
    """Keep the gateway current while it runs, and have everything on disk when it ends."""
    rights.refresh()
    tasks = [
        asyncio.create_task(rights.watch(), name="rights"),
        asyncio.create_task(_releases(gateway.fleet), name="releases"),
        asyncio.create_task(_clients(gateway), name="clients"),
        asyncio.create_task(_presence(gateway, presence), name="presence"),
    ]
    for task in tasks:
        task.add_done_callback(_ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.to_thread(gateway.recorder.close)
        finally:
            await asyncio.to_thread(gateway.alarms.close)
            presence.end()


async def _releases(fleet: Fleet) -> None:
    try:
        while True:
            await asyncio.to_thread(fleet.refresh)
            await asyncio.sleep(INTERVAL_SECONDS)
    finally:
        fleet.withdraw("its release is no longer watched")


async def _clients(gateway: Gateway) -> None:
    while True:
        more = gateway.clients.look(monotonic())
        await asyncio.sleep(0 if more else INTERVAL_S)  # requests come first


async def _presence(gateway: Gateway, presence: Presence) -> None:
    while True:
        presence.tell(gateway.summary())
        await asyncio.sleep(PRESENCE_SECONDS)


def _ended(task: "asyncio.Task[None]") -> None:
    """Say so when one ends by itself: what it kept current is known no more, and the door closes by itself."""
    if not task.cancelled() and task.exception() is not None:
        logger.critical("%s are no longer watched: %r", task.get_name(), task.exception())
