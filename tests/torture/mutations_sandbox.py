"""What the sandbox guarantees, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

_BOX, _CHILD, _NURSERY, _WIRE = (f"integrations/sandbox/{name}.py" for name in ("box", "child", "nursery", "wire"))
_POOL, _VERDICTS, _FOREACH = (f"integrations/sandbox/{name}.py" for name in ("pool", "verdicts", "foreach"))
_HARDEN, _HARNESS, _JOB = (f"integrations/sandbox/{name}.js" for name in ("harden", "harness", "job"))

MUTATIONS = [
    Mutation(
        "A script pays for what it queued: the answer waits until its microtasks have run",
        _CHILD,
        'answer = self._door["answer"]',
        'answer = \'+{"operations":[],"error":null}\'',
        ("sandbox: endless loop of awaits",),
    ),
    Mutation(
        "A script ends at its time limit, whatever it does",
        _NURSERY,
        "if worked > 0.8 * self._seconds or passed > 2 * self._seconds + 1.0:",
        "if passed > 600.0:",
        ("sandbox: endless loop", "sandbox: native indexOf that ignores the stop"),
    ),
    Mutation(
        "Buffers count against a limit of the operating system",
        _BOX,
        "resource.setrlimit(resource.RLIMIT_DATA, (data, data))",
        "assert data",
        ("sandbox: a gigabyte at once", "sandbox: limits of the operating system"),
    ),
    Mutation(
        "Code cannot be made from text",
        _HARDEN,
        "const refuse = () => { throw new EvalError('Code cannot be made from text here.'); };",
        "const refuse = () => () => 1;",
        ("sandbox: constructor of a function", "sandbox: indirect eval", "sandbox: Function by reflection"),
    ),
    Mutation(
        "What scripts must not have is taken away",
        _HARDEN,
        "for (const name of REMOVED) delete globalThis[name];",
        "",
        ("sandbox: use of weak references", "sandbox: use of finalizers"),
    ),
    Mutation(
        "What scripts share is frozen",
        _HARDEN,
        "all.forEach((value) => Object.freeze(value));",
        "",
        ("sandbox: leaving Math.leak = 's'", "sandbox: leaving Array.prototype.leak = 's'"),
    ),
    Mutation(
        "A script's undeclared variables go with it",
        _HARNESS,
        "if (!globalNames.has(key) && !Reflect.deleteProperty(globalThis, key)) clean = false;",
        "",
        ("sandbox: leaving leak = 'secret'", "sandbox: leaving globalThis.leak = 'secret'"),
    ),
    Mutation(
        "An isolate that cannot be cleaned is thrown away",
        _CHILD,
        'if kind != "+" or time.monotonic() - began > LONG_CALL_SECONDS:',
        'if kind == "?":',
        ("sandbox: leaving Object.defineProperty(globalThis, 'leak', {value: 's', configurable: false})",),
    ),
    Mutation(
        "Two bots never share an isolate",
        _POOL,
        'return hashlib.sha256(reuse.encode("utf-8", "replace")).hexdigest()[:32]',
        'return hashlib.sha256(b"").hexdigest()[:32] if reuse else ""',
        ("sandbox: two bots in one isolate",),
    ),
    Mutation(
        "No stray bracket closes the wrapper around an author's script",
        _HARNESS,
        "const failed = !parses(globals) ? 'globals' : !parses(source) ? 'script' : '';",
        "const failed = '';",
        ("sandbox: bracket that closes the wrapper, then a message",),
    ),
    Mutation(
        "A script's output is limited in number",
        _JOB,
        "if (job.counts[group] >= limit.most) {",
        "if (false) {",
        ("sandbox: a million messages",),
    ),
    Mutation(
        "A script's output is limited in size",
        _JOB,
        "if (job.size + text.length <= MAX_OUTPUT) return true;",
        "return true;",
        ("sandbox: a gigabyte of variables",),
    ),
    Mutation(
        "A variable is limited in size",
        _JOB,
        "if (byteLength(json, MAX_VALUE_BYTES) > MAX_VALUE_BYTES) {",
        "if (false) {",
        ("sandbox: one variable of 300 KB",),
    ),
    Mutation(
        "Halves of surrogate pairs are replaced",
        _VERDICTS,
        "return dict(_well_formed(given)) if _SURROGATE_ESCAPE.search(text) else given",
        "return given",
        ("sandbox: half of a pair in a value", "sandbox: half of a pair in a key"),
    ),
    Mutation(
        "An answer is checked against what our own code can answer",
        _VERDICTS,
        'raise Forged("an unknown operation")',
        'return {"op": "message", "text": str(given)}',
        ("sandbox: forged answer, an operation that does not exist",),
    ),
    Mutation(
        "A child cannot keep the worker waiting with parts of a frame",
        _WIRE,
        "count - len(self.held), until=until)",
        "count - len(self.held))",
        ("sandbox: forged answer, a frame that drips",),
    ),
    Mutation(
        "A child cannot keep the worker waiting by being ready again and again",
        _NURSERY,
        "if kind == wire.READY and not ready:",
        "if kind == wire.READY:",
        ("sandbox: forged answer, readiness without end",),
    ),
    Mutation(
        "A child has only the system calls that scripts need",
        _BOX,
        "    syscalls.lock()\n",
        "",
        (
            "sandbox: broken out, forking",
            "sandbox: broken out, making a folder",
            "sandbox: broken out, signalling its zygote",
            "sandbox: broken out, using privileges",
        ),
    ),
    Mutation(
        "A child opens no descriptor",
        _BOX,
        "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))",
        "resource.getrlimit(resource.RLIMIT_NOFILE)",
        ("sandbox: limits of the operating system",),
    ),
    Mutation(
        "The sandbox's processes give up root",
        _BOX,
        "os.setresuid(_NOBODY, _NOBODY, _NOBODY)",
        "os.getuid()",
        ("sandbox: a worker that is root",),
    ),
    Mutation(
        "The sandbox's processes have no network",
        _BOX,
        "if _libc.unshare(_CLONE_NEWNET) != 0:",
        "if False:",
        ("sandbox: the worker's network",),
    ),
    Mutation(
        "The sandbox's processes are started with an empty environment",
        _NURSERY,
        "env=environment,",
        "env={**os.environ, **environment},",
        ("sandbox: secrets in the environment", "sandbox: broken out, reading the environment"),
    ),
    Mutation(
        "The sandbox's processes inherit no descriptor",
        _NURSERY,
        "pass_fds=(theirs.fileno(),),",
        "close_fds=False,",
        ("sandbox: descriptors that the worker holds open",),
    ),
    Mutation(
        "A looping child dies with its worker",
        _BOX,
        "_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)",
        "return",
        ("sandbox: worker ended by SIGKILL",),
    ),
    Mutation(
        "One bot never holds all children",
        "integrations/sandbox/handout.py",
        "if self._held[waiting.key] >= self._most:",
        "if False:",
        ("sandbox: other bots during an endless loop",),
    ),
    Mutation(
        "The worker reads a script in time linear in its length",
        _FOREACH,
        "\\*(?:.*?\\*/|.*)|",
        "\\*.*?\\*/|",
        ("sandbox: comments that never end before the script runs",),
    ),
]
