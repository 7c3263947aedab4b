"""The server that everybody calls, running."""

from __future__ import annotations

import itertools
import subprocess
from types import TracebackType

from .tools import Failed
from .workshop import Workshop

# Two servers may run at once, each with an authority of its own.
_NUMBERS = itertools.count()


class Server:
    """A process of its own. It ends with the ``with`` statement."""

    def __init__(self, workshop: Workshop, delay_ms: int = 0) -> None:
        workshop.folder.mkdir(parents=True, exist_ok=True)
        self.authority = workshop.folder / f"authority-{next(_NUMBERS)}.pem"
        self._process = subprocess.Popen(
            [workshop.server, self.authority, str(delay_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.plain = self._process.stdout.readline().strip()
        self.secure = self._process.stdout.readline().strip()
        if not self.secure:
            raise Failed("the bench's server did not start")

    @property
    def plainly(self) -> list[str]:
        """The arguments of a program in C that calls without TLS."""
        return ["--endpoint", self.plain]

    @property
    def trusted(self) -> list[str]:
        """The arguments of a program in C that calls with TLS and trusts this server alone."""
        return ["--endpoint", self.secure, "--ca-file", str(self.authority)]

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()
