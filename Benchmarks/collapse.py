#!/usr/bin/env python3
"""Plays more and more kubelets that start within a second, against controllers with default flags.

    Benchmarks/collapse.py BOOTSIM [--write]

An approver of 10 CSRs a second and a patience of 15 min let up to 18,000 kubelets all join in the end
(protocol.md 0.9, J.1); of more, none joins after the first have. Fails where a run comes out otherwise;
--write makes results/collapse.md again.
"""
import json, os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCENARIO = "scenarios/kubeadm-5000-workers.yaml"
LATE = "spec.faults=[{for: 60s, action: binding-absent, binding: 'kubeadm:kubelet-bootstrap'}]"


def play(nodes, *changes, hours=8):
    """The summary of a run."""
    settings = [
        f"spec.nodes.workers.count={nodes}", "spec.nodes.workers.start={uniform: {from: 0s, to: 1s}}",
        "spec.expect=[]", f"spec.duration={hours}h", "spec.stopWhen=Settled", *changes]
    command = [os.path.abspath(sys.argv[1]), "run", SCENARIO, "--trace", "none", "-o", "json"]
    for setting in settings:
        command += ["--set", setting]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)}: exit code {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def converge(nodes, *changes, within):
    run = play(nodes, *changes)
    last = run["timeToReadySeconds"]["max"]
    if run["nodes"]["ready"] != nodes or last > within:
        sys.exit(f"of {nodes} nodes {run['nodes']['ready']} are Ready, the last after {last} s")
    return nodes, f"all after {last:,.0f} s", run["approval"]


def collapse(nodes, *changes):
    early, late = (play(nodes, *changes, hours=hours) for hours in (6, 8))
    ready = late["nodes"]["ready"]
    if ready == nodes or ready != early["nodes"]["ready"]:
        sys.exit(f"of {nodes} nodes {early['nodes']['ready']} are Ready after 6 h, {ready} after 8 h")
    last = late["timeToReadySeconds"]["max"]
    return nodes, f"{ready:,}, the last after {last:,.0f} s, none from 6 h to 8 h", late["approval"]


RESULTS = [
    ("", converge(16_000, within=8_000)),
    ("", converge(17_900, within=8_000)),
    ("", collapse(18_500)),
    ("kubeadm:kubelet-bootstrap", converge(5_900, LATE, within=8_000)),
    ("kubeadm:kubelet-bootstrap", converge(6_200, LATE, within=8_000)),
    ("kubeadm:kubelet-bootstrap", collapse(12_000, LATE)),
]
TEXT = """# More kubelets than the approver can serve in time

All start within a second; csrapproving has its default 20 requests a second. `make bench` writes this
file, `.ci/run` plays the same and fails where kubelets that all joined no longer do, or the reverse.

| missing until 60 s | kubelets | Ready | CSRs approved | of these for nobody |
|---|--:|---|--:|--:|
"""
for binding, (nodes, outcome, approval) in RESULTS:
    counts = f"{approval['approved']:,} | {approval['abandonedApproved']:,}"
    TEXT += f"| {binding} | {nodes:,} | {outcome} | {counts} |\n"
print(TEXT, end="")
if "--write" in sys.argv:
    with open(os.path.join(ROOT, "results/collapse.md"), "w", encoding="utf-8") as file:
        file.write(TEXT)
