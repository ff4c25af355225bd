"""What a turn guarantees under failure, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

_CLOCKS = (
    "turns: a clock that jumps forward under a living runner",
    "turns: a clock that jumps back over a dead runner",
)

MUTATIONS = [
    Mutation(
        "A commit is for one turn: sent again, it answers no other message",
        "bots/runtime/lua/_session.lua",
        "about.owner == owner and about.at == turn and about",
        "about.owner == owner and about",
        ("turns: a commit whose answer was lost",),
    ),
    Mutation(
        "Only the runner that holds the lease writes",
        "bots/runtime/lua/commit.lua",
        "local about = holds(conversation, owner, ARGV[3])",
        "local about = look(conversation)",
        ("turns: a commit by a runner that lost its lease",),
    ),
    Mutation(
        "An early message has its place, and is appended there once",
        "bots/runtime/lua/early.lua",
        "for index = 6 + there * 3, last, 3 do",
        "for index = 6, last, 3 do",
        ("turns: an early message whose answer was lost",),
    ),
    Mutation(
        "A message id is accepted once",
        "bots/runtime/lua/enqueue.lua",
        "if before then",
        "if false then",
        ("turns: the same message id twice", "turns: the same message posted eight times at once"),
    ),
    Mutation(
        "What a dead runner held is given back",
        "bots/runtime/lua/reap.lua",
        "      offer(conversation)\n      given = given + 1\n",
        "",
        ("turns: a lease that is over",),
    ),
    Mutation(
        "A clock that jumps is noticed",
        "bots/runtime/lua/reap.lua",
        "if time - last > lease or last - time > 1000 then",
        "if false then",
        _CLOCKS,
    ),
    Mutation(
        "A turn that kills its worker is given up after three attempts",
        "bots/runtime/runner.py",
        "if claim.attempts > MOST_ATTEMPTS:",
        "if False:",
        ("turns: a third death over one turn",),
    ),
    Mutation(
        "A call that was answered is not made again",
        "bots/runtime/journal.py",
        "if self._claim.attempts == 1:",
        "if True:",
        ("turns: a call that was answered before the death", "turns: kill -9 after a purchase"),
    ),
    Mutation(
        "The end of a turn waits for a Redis that is away",
        "bots/runtime/outage.py",
        "if not connections.is_away(error) or time.monotonic() > give_up:",
        "if True:",
        ("turns: a store without room",),
    ),
    Mutation(
        "Wake-ups that were lost are sent again",
        "bots/runtime/keeper.py",
        "min(waiting, MOST_WOKEN)",
        "0",
        ("turns: a wake-up that was lost",),
    ),
    Mutation(
        "Redis keeps everything in its append-only file",
        "config/embedded_redis.py",
        '"appendonly": "yes",',
        '"appendonly": "no",',
        ("turns: kill -9 of Redis and a restart from its file",),
    ),
    Mutation(
        "A reader goes on after the last event that it saw",
        "bots/api/events.py",
        "    return given\n",
        '    return ""\n',
        ("turns: a stream that breaks after every event",),
    ),
    Mutation(
        "A Redis with a full disk means later, not a defect",
        "config/redis.py",
        'NOT_NOW = ("LOADING", "MISCONF", "OOM", "READONLY")',
        "NOT_NOW = ()",
        ("turns: a full disk under Redis", "turns: a store without room"),
    ),
    Mutation(
        "A database that takes nothing is told in a sentence",
        "config/errors.py",
        "full = isinstance(error, OperationalError) and MISSING not in str(error)",
        "full = False",
        ("turns: a full disk under SQLite",),
    ),
]
