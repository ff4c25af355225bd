"""`manage.py serve`: the whole product on this machine, from one terminal, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bots.demo import content
from config import embedded_redis, plant, prepare
from config.supervisor import Program, Supervisor

START_SECONDS = 60
FAILURES_AT_START = 3


class Command(BaseCommand):
    help = "Run everything: Redis (unless REDIS_URL names one), the workers, the web server and the demo API."
    requires_system_checks: list[str] = []  # the processes that it starts check for themselves

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="add no demo content and run no demo API")

    def handle(self, *args: Any, **options: Any) -> None:
        demo = not options["without_demo"] and not settings.PRODUCTION
        stopping = _Stopping()
        try:
            with plant.lock(settings.ENV.data_dir):
                self._serve(stopping, demo=demo)
        except (plant.CannotServe, embedded_redis.NoRedis) as error:
            raise SystemExit(f"Parley cannot start: {error}") from error

    def _serve(self, stopping: _Stopping, *, demo: bool) -> None:
        listeners = _listeners(demo=demo)
        supervisor = Supervisor(environ=os.environ, say=self.say)
        try:
            self._start_redis(supervisor)
            self._prepare(demo=demo)
            self._wait(_redis_is_up, supervisor, stopping)
            web, *others = _programs(*listeners)
            supervisor.start(web)
            self._wait(_answers("/healthz"), supervisor, stopping)  # its page is there before the others need the cores
            for program in others:
                supervisor.start(program)
            self._wait(_answers("/readyz"), supervisor, stopping)
            if not stopping.asked:
                self.say(_greeting(demo=demo))
            while not stopping.asked:
                time.sleep(0.1)
                supervisor.tend()
        finally:
            self.say("Stopping …")
            supervisor.stop(hurry=lambda: stopping.asked > 1)

    def _prepare(self, *, demo: bool) -> None:
        prepare.database(say=self.say)
        prepare.static_files()
        if demo:
            content.bring_up(settings.ENV.data_dir, port=settings.ENV.demo_api_port)

    def _start_redis(self, supervisor: Supervisor) -> None:
        env = settings.ENV
        if env.redis_socket is None:
            plant.check_redis(env.redis_url)
        else:
            supervisor.start(plant.own_redis(env.redis_socket, data_dir=env.data_dir))

    def _wait(self, is_up: Callable[[], bool], supervisor: Supervisor, stopping: _Stopping) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while not stopping.asked and not is_up():
            time.sleep(0.05)
            supervisor.tend()
            if supervisor.failures() >= FAILURES_AT_START or time.monotonic() > give_up_at:
                raise plant.CannotServe("Parley did not come up; the messages above say why. Everything is stopped.")

    def say(self, text: str) -> None:
        """Tell the terminal; that it may be gone must not keep anything from stopping."""
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except OSError:
            self.stdout = self.stderr


def _listeners(*, demo: bool) -> list[socket.socket]:
    """The ports of this run, taken before anything is started or written."""
    wanted = [("PORT", settings.ENV.port)] + ([("PARLEY_DEMO_API_PORT", settings.ENV.demo_api_port)] if demo else [])
    return [plant.listen(name, port) for name, port in wanted]


def _programs(web: socket.socket, demo_api: socket.socket | None = None) -> list[Program]:
    programs = [plant.web(settings.ENV, web), *plant.workers(settings.ENV)]
    return [*programs, plant.demo_api(demo_api)] if demo_api else programs


def _redis_is_up() -> bool:
    return settings.ENV.redis_socket is None or embedded_redis.answers(settings.ENV.redis_socket)


def _answers(path: str) -> Callable[[], bool]:
    return lambda: plant.answers(path, port=settings.ENV.port)


def _greeting(*, demo: bool) -> str:
    env = settings.ENV
    rows = [("Log in", content.LOG_IN)] if demo else []
    rows.append(("Runs", f"web server, {env.workers} workers with {env.worker_threads} threads each, {_redis()}"))
    if demo:
        rows.append(("Demo API", f"http://{plant.LOOPBACK}:{env.demo_api_port}"))
    rows += [("Data", str(env.data_dir)), ("Stop", "Ctrl-C")]
    lines = "".join(f"  {label:<10}{text}\n" for label, text in rows)
    return f"\nParley is ready:  http://localhost:{env.port}\n\n{lines}"


def _redis() -> str:
    return "a Redis of its own" if settings.ENV.redis_socket else "the Redis of REDIS_URL"


class _Stopping:
    """Counts how often the operator asked to stop: once means politely, twice at once."""

    def __init__(self) -> None:
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1
