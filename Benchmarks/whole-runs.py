#!/usr/bin/env python3
"""Whole runs of the built program, from process start to closed file, as JSON and Markdown.

    python3 Benchmarks/whole-runs.py [--peer PEER.py] [--runs N] [--million]

Writes results/whole-runs.json and results/whole-runs.md. With --peer (a SimPy program that takes a number
of nodes and --no-trace) both play 5,000 nodes in turn, and the ratio is the median of the pairs.
"""
import argparse, json, os, platform, resource, sqlite3, statistics, subprocess, sys, tempfile, time

import figures

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOTSIM = os.path.join(ROOT, ".build/release/bootsim")


def measure(command):
    """Wall seconds, peak resident KiB, and what it printed."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return wall, usage.ru_maxrss, output


def bootsim(scenario, *options):
    return [BOOTSIM, "run", f"scenarios/{scenario}.yaml", "-o", "json", *options]


def cpu():
    for line in open("/proc/cpuinfo", encoding="utf-8") if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def pairs(ours, theirs, runs):
    measured = [(measure(ours), measure(theirs)) for _ in range(runs + 1)][1:]
    return {
        "bootsimSeconds": statistics.median(a[0] for a, _ in measured),
        "peerSeconds": statistics.median(b[0] for _, b in measured),
        "ratio": statistics.median(a[0] / b[0] for a, b in measured),
    }


def peer(path, runs, folder):
    trace = os.path.join(folder, "trace.sqlite")
    full = pairs(
        bootsim("kubeadm-5000-workers", "--output", trace),
        [sys.executable, path, "5000"], runs)
    report = json.loads(measure(bootsim("kubeadm-5000-workers", "--output", trace))[2])
    rows = int(dict(
        word.split("=") for word in measure([sys.executable, path, "5000"])[2].decode().split()
        if "=" in word)["rows"])
    full["bootsimRows"] = sqlite3.connect(trace).execute("SELECT count(*) FROM event").fetchone()[0]
    full["peerRows"] = rows
    full["bytesPerEvent"] = os.path.getsize(trace) / report["events"]
    none = pairs(
        bootsim("kubeadm-5000-workers", "--trace", "none"),
        [sys.executable, path, "5000", "--no-trace"], runs)
    return {"fullTrace": full, "noTrace": none}


def scale(runs, sizes):
    rows = []
    for nodes in sizes:
        command = bootsim(
            "scale", "--trace", "none", "--set", f"spec.nodes.workers.count={nodes}")
        measured = [measure(command) for _ in range(runs if nodes < 500_000 else 1)]
        wall = statistics.median(m[0] for m in measured)
        report = json.loads(measured[0][2])
        rows.append({
            "nodes": nodes, "ready": report["nodes"]["ready"], "events": report["events"],
            "seconds": wall, "microsecondsPerNode": wall / nodes * 1e6,
            "peakKiB": statistics.median(m[1] for m in measured)})
    return rows


def markdown(result):
    lines = ["# Whole runs", "", f"Machine: {result['machine']}.", "",
             "Median wall time from process start to closed file; `make bench` makes this file again.", ""]
    if "peer" in result:
        lines += ["| 5,000 nodes | bootsim s | SimPy peer s | ratio | bootsim rows | peer rows |",
                  "|---|---|---|---|---|---|"]
        full, none = result["peer"]["fullTrace"], result["peer"]["noTrace"]
        lines.append(
            f"| full trace | {full['bootsimSeconds']:.3f} | {full['peerSeconds']:.3f} | "
            f"{full['ratio']:.2f} | {full['bootsimRows']} | {full['peerRows']} |")
        lines.append(
            f"| no trace | {none['bootsimSeconds']:.3f} | {none['peerSeconds']:.3f} | "
            f"{none['ratio']:.2f} | | |")
        lines += ["", f"{full['bytesPerEvent']:.1f} bytes of file per event.", ""]
    lines += ["| scale.yaml, nodes | seconds | µs per node | events | peak MiB |", "|---|---|---|---|---|"]
    for row in result["scale"]:
        lines.append(
            f"| {row['nodes']} | {row['seconds']:.2f} | {row['microsecondsPerNode']:.1f} | "
            f"{row['events']} | {row['peakKiB'] / 1024:.1f} |")
    growth = result.get("bytesPerNode")
    if growth is not None:
        lines += ["", f"Memory per node, (130,000 − 1,000): {growth:.0f} bytes."]
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--peer")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--million", action="store_true")
    options = options.parse_args()
    result = {"machine": f"{cpu()}, {os.cpu_count()} cores, {platform.system()}"}
    with tempfile.TemporaryDirectory() as folder:
        if options.peer:
            result["peer"] = peer(os.path.abspath(options.peer), options.runs, folder)
    sizes = [1_000, 10_000, 130_000] + ([1_000_000] if options.million else [])
    result["scale"] = scale(options.runs, sizes)
    by_size = {row["nodes"]: row for row in result["scale"]}
    result["bytesPerNode"] = (by_size[130_000]["peakKiB"] - by_size[1_000]["peakKiB"]) * 1024 / 129_000
    figures.write(ROOT, "whole-runs", result, markdown(result))
    print(markdown(result))


if __name__ == "__main__":
    main()
