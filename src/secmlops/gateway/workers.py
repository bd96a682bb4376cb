"""Several processes that serve on the same sockets: one parent that answers nothing, and starts anew what ends."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

from secmlops.core.errors import SecmlopsError

logger = logging.getLogger("secmlops.gateway")
SHORTEST_LIFE_S = 5.0
"""A worker that ends sooner than this was never well: then all are stopped, rather than started for ever."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve_with_workers(count: int, serve: Callable[[int], None], let_go: Callable[[], None]) -> bool:
    """Fork ``count`` workers that run ``serve(number)``, until told to stop; whether all ended as they should.

    To be called before any thread is started: a fork takes only the calling one along. SIGTERM and SIGINT stop the
    workers, each of which ends what is under way; ``let_go`` closes the parent's sockets first: as long as it held them
    open, clients could connect where nobody answers any more.
    """
    pool = _Pool(serve, let_go)
    previous = {sign: signal.signal(sign, pool.stop) for sign in STOP_SIGNALS}
    try:
        for number in range(count):
            pool.start(number)
        return pool.keep()
    finally:
        pool.close()
        for sign, handler in previous.items():
            signal.signal(sign, handler)


class _Pool:
    def __init__(self, serve: Callable[[int], None], let_go: Callable[[], None]) -> None:
        self._serve = serve
        self._let_go = let_go
        self._lifeline, self._held = os.pipe()
        self._workers: dict[int, tuple[int, float]] = {}
        self._stopping = False

    def start(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        with _held_back():  # a word to stop finds the new worker either known, and able to listen, or not begun
            if self._stopping:
                return
            pid = os.fork()
            if pid == 0:
                self._work(number)
            self._workers[pid] = number, time.monotonic()

    def stop(self, *_: object) -> None:
        """Pass the word on; a worker that has just ended needs none."""
        self._stopping = True
        self._let_go()
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def close(self) -> None:
        """Let the lifeline go."""
        os.close(self._lifeline)
        os.close(self._held)

    def keep(self) -> bool:
        """Wait for workers to end, and start them anew while they should run."""
        sound = True
        while self._workers:
            pid, status = os.wait()
            if pid not in self._workers:
                continue
            number, since = self._workers.pop(pid)
            if self._stopping:
                sound = sound and status == 0
            elif time.monotonic() - since < SHORTEST_LIFE_S:
                logger.critical("worker %s ended at once (%s): all are stopped", number, _told(status))
                sound = False
                self.stop()
            else:
                logger.critical("worker %s ended (%s) and is started anew", number, _told(status))
                self.start(number)
        return sound

    def _work(self, number: int) -> None:
        """Run as a worker; never returns."""
        code = 1
        try:
            for sign in STOP_SIGNALS:
                signal.signal(sign, signal.default_int_handler)
            os.close(self._held)
            threading.Thread(target=_stop_at_the_end_of, args=(self._lifeline,), daemon=True).start()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # here only: that thread shall hear none
            self._serve(number)
            code = 0
        except KeyboardInterrupt:
            code = 0
        except SecmlopsError as error:
            logger.critical("worker %s: %s", number, error)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # what the parent holds open is the parent's to close


def _stop_at_the_end_of(lifeline: int) -> None:
    """Stop this process when the parent has gone, however it went: nobody else would ever tell it to."""
    os.read(lifeline, 1)  # nothing is ever written: it returns when no parent holds the other end
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Hold the signals back that tell to stop; they come afterwards."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _told(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name
