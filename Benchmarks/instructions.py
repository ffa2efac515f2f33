#!/usr/bin/env python3
"""Instructions that the built program executes per event, by the size of the cluster.

    python3 Benchmarks/instructions.py [--nodes N ...]

Writes results/instructions.json and results/instructions.md. Counted by valgrind, so the figures do not
depend on the machine's load; where there is no valgrind, it says so and leaves the files as they are.
"""
import argparse, json, os, re, shutil, subprocess, sys, tempfile

import figures

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOTSIM = os.path.join(ROOT, ".build/release/bootsim")


def count(program, nodes):
    """Instructions and events of one run of scenarios/scale.yaml without a trace."""
    run = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
         program, "run", "scenarios/scale.yaml", "--trace", "none", "-o", "json",
         "--set", f"spec.nodes.workers.count={nodes}"],
        cwd=ROOT, capture_output=True, text=True)
    found = re.search(r"I\s+refs:\s+([\d,]+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"failed with {nodes} nodes:\n{run.stderr}")
    return int(found[1].replace(",", "")), json.loads(run.stdout)["events"]


def measure(sizes):
    with tempfile.TemporaryDirectory() as folder:
        # Without debug information, which valgrind takes minutes to read.
        program = os.path.join(folder, "bootsim")
        shutil.copy(BOOTSIM, program)
        if shutil.which("strip"):
            subprocess.run(["strip", "-g", program], check=True)
        start, _ = count(program, 1)
        rows = []
        for nodes in sizes:
            instructions, events = count(program, nodes)
            rows.append({
                "nodes": nodes, "events": events, "instructions": instructions,
                "perEvent": instructions / events, "perEventAfterStart": (instructions - start) / events})
    return {
        "startInstructions": start, "sizes": rows,
        "growth": rows[-1]["perEvent"] / rows[0]["perEvent"],
        "growthAfterStart": rows[-1]["perEventAfterStart"] / rows[0]["perEventAfterStart"]}


def markdown(result):
    lines = ["# Instructions per event", "",
             "`scenarios/scale.yaml` without a trace, counted by valgrind; `make bench` makes this file again.",
             f"A run of one node is nearly all start-up: {result['startInstructions'] / 1e6:.1f} million. "
             "The last column leaves them out.", "",
             "| nodes | events | instructions, millions | per event | per event after the start |",
             "|--:|--:|--:|--:|--:|"]
    for row in result["sizes"]:
        lines.append(
            f"| {row['nodes']} | {row['events']} | {row['instructions'] / 1e6:.1f} | "
            f"{row['perEvent']:.0f} | {row['perEventAfterStart']:.0f} |")
    first, last = result["sizes"][0]["nodes"], result["sizes"][-1]["nodes"]
    lines += ["", f"From {first} to {last} nodes the count per event becomes {result['growth']:.2f} times as "
              f"large, after the start {result['growthAfterStart']:.2f} times."]
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 130_000])
    options = options.parse_args()
    if not shutil.which("valgrind"):
        print("instructions per event: not counted, because valgrind is not installed")
        return
    result = measure(options.nodes)
    figures.write(ROOT, "instructions", result, markdown(result))
    print(markdown(result))


if __name__ == "__main__":
    main()
