"""Pools of processes that share a client of the module.

The environment gives the endpoint of a peer that echoes ids, and the file with its authority.
"""

from __future__ import annotations

import multiprocessing
import os
import threading

from contactverify import Client, ContactVerifyError, ContactWay

# Processes that are not forked import this module, and so make a client of their own.
CLIENT = Client(
    os.environ["SERVICE_ENDPOINT"], auth_token="token", ca_file=os.environ["SERVICE_CA_FILE"]
)


def own(identity: str) -> str:
    """What came back for an id, with the process that asked."""
    result = CLIENT.verify_codes(
        "123456", "alice@example.com", ContactWay.EMAIL, customer_id=identity
    )
    return f"{os.getpid()} {result.error_code}"


def busy(stop: threading.Event, wrong: list[str]) -> None:
    """Calls until it is told to stop, or until something is wrong."""
    number = 0
    while not stop.is_set() and not wrong:
        identity = f"thread-{threading.get_ident()}-{number}"
        try:
            got = own(identity).split()[1]
        except ContactVerifyError as error:
            got = str(error)
        if got != identity:
            wrong.append(f"{identity}: {got}")
        number += 1


def rounds(method: str, count: int) -> int:
    """Runs pools of 4, each with 24 calls, and returns how many calls were right."""
    context = multiprocessing.get_context(method)
    right = 0
    for number in range(count):
        identities = [f"{method}-{number}-{call}" for call in range(24)]
        with context.Pool(4) as pool:
            answers = pool.map_async(own, identities, chunksize=1).get(timeout=60)
        assert [answer.split()[1] for answer in answers] == identities, answers
        assert str(os.getpid()) not in {answer.split()[0] for answer in answers}
        right += len(answers)
        # The parent goes on with the same client.
        assert own("parent").split()[1] == "parent"
    return right


def main() -> None:
    wrong: list[str] = []
    stop = threading.Event()
    threads = [threading.Thread(target=busy, args=(stop, wrong)) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        right = rounds("fork", 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    right += rounds("forkserver", 2) + rounds("spawn", 2)
    assert not wrong, wrong
    assert right == 24 * 24, right
    print(f"pools: {right} calls")


if __name__ == "__main__":
    main()
