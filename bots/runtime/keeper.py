"""One thread a worker process: renews held leases, gives back what dead runners held, wakes runners, shows life."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable

from django.conf import settings
from redis.exceptions import RedisError

from bots.runtime import contexts, keys, leases, roll, wake
from config import redis as connections

log = logging.getLogger(__name__)

SECONDS = 1.0
MOST_WOKEN = 32  # in one round: conversations that wait may need a runner each, when all others wait for slow APIs
SANDBOX_SECONDS = 5.0
SANDBOX_FRESH = 20.0
SPARE_THREADS = 4  # of a worker, for tasks that are no runner: test runs, token refreshes


class Keeper:
    """Knows the runners of this process and what they hold. sandbox_answers: asked now and then, told to readyz."""

    def __init__(self, *, sandbox_answers: Callable[[], bool] | None = None) -> None:
        self.process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = threading.Event()
        self._sandbox_answers = sandbox_answers
        self._sandbox_answered_at = 0.0
        self._roll = roll.Roll()
        self._runners: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        for work in (self._run, self._watch_sandbox):
            threading.Thread(target=work, name=f"parley-keeper{work.__name__}", daemon=True).start()

    def stop(self) -> None:
        """Let runners end after their turn, parked ones at once."""
        self.stopping.set()
        with self._lock:
            runners = dict(self._runners)
        for owner, shard in runners.items():
            connections.client().rpush(keys.hand(shard, owner), "")
            connections.client().expire(keys.hand(shard, owner), 60)

    def enter(self, owner: str, *, shard: int) -> bool:
        """Register a runner; False when this process has enough of them or ends."""
        with self._lock:
            most = max(1, settings.ENV.worker_threads - SPARE_THREADS)
            if self.stopping.is_set() or len(self._runners) >= most:
                return False
            self._runners[owner] = shard
            return True

    def leave(self, owner: str) -> None:
        with self._lock:
            self._runners.pop(owner, None)

    def hold(self, claim: leases.Claim) -> None:
        with self._lock:
            self._held[claim.conversation] = claim.owner

    def release(self, claim: leases.Claim) -> None:
        with self._lock:
            if self._held.get(claim.conversation) == claim.owner:
                del self._held[claim.conversation]

    def beat(self) -> None:
        """Do one round; raises redis.RedisError."""
        alone = self._roll.alone_at_first()
        for shard in keys.shards():
            self._renew(shard)
            contexts.settle(shard)
            given, waiting = leases.reap(shard, alone=alone)
            if given:
                log.warning("gave back %d conversations whose runner died", given)
            for _ in range(0 if self.stopping.is_set() else min(waiting, MOST_WOKEN)):
                wake.send(shard)
        self._show_life()

    def _run(self) -> None:
        while not self.stopping.is_set() or self._held:
            try:
                self.beat()
            except RedisError as error:
                log.warning("Redis does not answer: %s", error)
            time.sleep(SECONDS)
        connections.client().hdel(keys.WORKERS, self.process)

    def _watch_sandbox(self) -> None:
        """Beside the beat, because an answer may wait for other scripts."""
        while not self.stopping.is_set() and self._sandbox_answers:
            if self._sandbox_answers():
                self._sandbox_answered_at = time.monotonic()
            self.stopping.wait(SANDBOX_SECONDS)

    def _renew(self, shard: int) -> None:
        with self._lock:
            held = {name: owner for name, owner in self._held.items() if keys.shard_of(name) == shard}
        for conversation in leases.renew(shard, held) if held else ():
            log.info("the lease of a conversation on shard %d was lost or given back", shard)
            with self._lock:
                self._held.pop(conversation, None)

    def _show_life(self) -> None:
        with self._lock:
            counts = {"runners": len(self._runners), "turns": len(self._held)}
        sandbox = bool(self._sandbox_answered_at) and time.monotonic() - self._sandbox_answered_at < SANDBOX_FRESH
        life = {"at": time.time(), "sandbox": sandbox, **counts}
        connections.client().hset(keys.WORKERS, self.process, json.dumps(life))
