"""Times blocks of training steps and prints them as JSON lines, the form that `cargo xtask bench` reads.

    {"case": "deep", "variant": "unwatched", "threads": 2, "ms_median": 0.51, "ms_min": 0.50, "ms_max": 0.55, ...}

A block is as many steps as fill a fixed time, after a quarter as many that do not count; a block's figure is its time
divided by its steps. Where there are several variants their blocks alternate, so that a machine that slows down for a
while slows them all. `peak_mib` is the most memory that the process has held, null where the system does not say.
"""

import json
import statistics
import sys
import time

try:
    import resource
except ImportError:  # Windows has none.
    resource = None


def steps_per_block(step, seconds):
    """How many steps fill `seconds`, found while warming up for as long."""
    step()
    done, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        step()
        done += 1
    return max(1, round(done * seconds / elapsed))


def measure(variants, blocks, seconds):
    """Milliseconds a step of each block, for each variant: {name: step function} -> {name: [ms]}."""
    sizes = {name: steps_per_block(step, seconds) for name, step in variants.items()}
    times = {name: [] for name in variants}
    for _ in range(blocks):
        for name, step in variants.items():
            # What the variant before has left in caches and on other threads is not this one's.
            for _ in range(sizes[name] // 4):
                step()
            start = time.perf_counter()
            for _ in range(sizes[name]):
                step()
            times[name].append((time.perf_counter() - start) / sizes[name] * 1000)
    return times


def peak_mib():
    """The resident set of this process at its largest so far, as the kernel counts it."""
    if resource is None:
        return None
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def print_lines(case, times, threads, facts, base=None):
    """One JSON line a variant, each with the `facts`; with `base`, also its ratio to the base.

    The ratio is the median over blocks of that to the base's same block.
    """
    for name, ms in times.items():
        line = {
            "case": case,
            "variant": name,
            "threads": threads,
            "ms_median": round(statistics.median(ms), 5),
            "ms_min": round(min(ms), 5),
            "ms_max": round(max(ms), 5),
            "blocks": len(ms),
            "peak_mib": peak_mib(),
        }
        if base is not None:
            line["ratio"] = round(statistics.median(a / b for a, b in zip(ms, times[base])), 4)
        print(json.dumps(line | facts))
    sys.stdout.flush()
