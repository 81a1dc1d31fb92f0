"""Python runs this at start when its folder is on PYTHONPATH: it writes down whom a process asks.

Without ``WITNESS_FILE`` in the environment it does nothing.
"""

import json
import os
import socket
import sys

ADDRESSED = ("socket.connect", "socket.sendto", "socket.sendmsg")
NAMED = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def _watch(path):
    def write(**seen):
        line = json.dumps({"pid": os.getpid(), **seen}, default=repr) + "\n"
        # Opened for each line: a process may close descriptors it does not know.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, line.encode())
        os.close(descriptor)

    def see(event, arguments):
        if event in ADDRESSED and arguments[1] is not None:  # None: to whom it is connected
            family = socket.AddressFamily(arguments[0].family).name
            write(event=event, family=family, address=arguments[1])
        elif event in NAMED:
            write(event=event, name=arguments[0])

    sys.addaudithook(see)
    write(event="start", argv=sys.orig_argv)


if os.environ.get("WITNESS_FILE"):
    _watch(os.environ["WITNESS_FILE"])
