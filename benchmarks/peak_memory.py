"""Runs a command and prints, as one JSON line, its wall time and the most memory that it held.

    python3 peak_memory.py COMMAND [ARGUMENT...]

The memory is the resident set at its largest (`ru_maxrss`), as the kernel counts it for a child that has ended: exact,
where polling would miss the peak. Standard library only; the command's own output goes to standard error.
"""

import json
import resource
import subprocess
import sys
import time


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: peak_memory.py COMMAND [ARGUMENT...]")
    start = time.perf_counter()
    status = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode
    seconds = time.perf_counter() - start
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    print(json.dumps({"seconds": round(seconds, 3), "peak_mib": round(peak / 2**20, 1), "status": status}))


if __name__ == "__main__":
    main()
