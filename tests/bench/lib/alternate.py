#!/usr/bin/env python3
"""alternate.py ROUNDS < CASES: runs each case once in every round and prints the medians as JSON,
of the time on the clock and of the processors' time, of the command and of all its children that were waited for.

CASES is JSON: [{"name", "command": [...], "before": [...] (untimed, optional), "beside": [...] (runs all the time, optional)}].
A case that fails in the first round is reported with its message instead of a time."""
import json
import os
import resource
import statistics
import subprocess
import sys
import time

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def run(case):
    if "before" in case:
        subprocess.run(case["before"], check=True, **QUIET)
    start, used = time.monotonic(), cpu()
    done = subprocess.run(case["command"], stderr=subprocess.PIPE, **QUIET)
    took = (time.monotonic() - start) * 1000
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().splitlines()[-1:] or "no message")
    return took, cpu() - used


def main():
    rounds = int(sys.argv[1])
    cases = json.load(sys.stdin)
    beside = [subprocess.Popen(c["beside"], stderr=subprocess.DEVNULL, **QUIET) for c in cases if "beside" in c]
    time.sleep(1 if beside else 0)
    times = {c["name"]: [] for c in cases}
    failed = {}
    for number in range(rounds + 1):
        for case in cases:
            if case["name"] in failed:
                continue
            try:
                took = run(case)
                if number:  # the first round warms caches
                    times[case["name"]].append(took)
            except (OSError, RuntimeError) as e:
                failed[case["name"]] = str(e)
    for process in beside:
        process.kill()
    medians = {name: [round(statistics.median(t), 2) for t in zip(*taken)] for name, taken in times.items() if taken and name not in failed}
    json.dump({"median_ms": {n: m[0] for n, m in medians.items()}, "median_cpu_ms": {n: m[1] for n, m in medians.items()},
               "failed": failed, "rounds": rounds, "cores": os.cpu_count()}, sys.stdout)


main()
