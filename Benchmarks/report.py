#!/usr/bin/env python3
"""Looks at reports in a real browser, headless Chromium, as a person would.

    python3 Benchmarks/report.py [--write] [--pictures FOLDER]

Plays scenarios, writes their reports and opens them at the widths of a phone and of a desk, light and
dark: no errors on the console, nothing wider than the screen, nothing loaded from elsewhere, names that
look like markup stay text, the search works from the keyboard, and it prints. With --write the figures
(bytes, milliseconds to DOMContentLoaded) go to results/report.json and results/report.md. Needs the Python
package playwright and a Chromium; without them it says so and, but for CI, leaves it at that.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile

import figures

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOTSIM = os.path.join(ROOT, ".build/release/bootsim")
SIZES = {"narrow": (320, 640), "phone": (390, 844), "desk": (1280, 900)}
SMALLEST_TEXT = """Math.min(99, ...[...document.querySelectorAll('svg text')].map(
  (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
HOSTILE = """apiVersion: bootsim.dev/v1alpha1
kind: Scenario
metadata: {name: hostile}
spec:
  preset: kubeadm
  tokens: [{token: abcdef.0123456789abcdef}]
  nodes: [{name: a, count: 3}]
  faults: [{name: "<img src=x onerror=window.hacked=1>", at: 1s, action: pod-failure, on: kube-apiserver, for: 1s}]
  expect: [{ready: all, by: 1ms}]
"""


def skip(reason):
    print(f"skipped: {reason}, so no browser looks at the report", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else 0)


def run(*command, good=(0,)):
    done = subprocess.run([BOOTSIM, *command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in good:
        sys.exit(f"failed: bootsim {' '.join(command)}\n{done.stderr}")


def make_reports(folder):
    """Name and path of each report."""
    hostile = os.path.join(folder, "hostile.yaml")
    with open(hostile, "w", encoding="utf-8") as file:
        file.write(HOSTILE)
    plays = {
        "5000-workers": ["scenarios/kubeadm-5000-workers.yaml"],
        "faster": ["scenarios/kubeadm-5000-workers.yaml", "--set", "spec.controllerManager.kubeAPIQPS=100"],
        "expired-token": ["scenarios/expired-token.yaml"],
        "outage": ["scenarios/apiserver-outage.yaml"],
        "hostile": [hostile],
    }
    reports = {}
    for name, words in plays.items():
        trace = os.path.join(folder, f"{name}.sqlite")
        run("run", *words, "--trace", "steps", "--output", trace, good=(0, 1))
        reports[name] = os.path.join(folder, f"{name}.html")
        run("report", trace, "-o", reports[name])
    reports["two"] = os.path.join(folder, "two.html")
    run("report", *(os.path.join(folder, f"{name}.sqlite") for name in ("5000-workers", "faster")),
        "-o", reports["two"])
    return reports


def look(browser, name, path, pictures):
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, offline=True)
            page = context.new_page()
            errors, loads = [], []
            page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("request", lambda request: loads.append(request.url))
            page.goto(f"file://{path}")
            where = f"{name}, {size}, {theme}"
            assert not errors, f"{where}: {errors}"
            assert loads == [f"file://{path}"], f"{where}: loads {loads}"
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{where}: {wide} pixels wider than the screen"
            assert page.evaluate("window.hacked") is None, f"{where}: a name became markup"
            small = page.evaluate(SMALLEST_TEXT)
            assert small >= 9, f"{where}: text of {small} pixels in a drawing"
            page.screenshot(path=os.path.join(pictures, f"{name}-{size}-{theme}.png"), full_page=False)
            if size == "desk" and theme == "light":
                find_by_keyboard(page, where)
                assert len(page.pdf()) > 10_000, f"{where}: does not print"
                print_after_dark(page, where)
            context.close()


def find_by_keyboard(page, where):
    name = page.evaluate(
        "JSON.parse(document.querySelector('.search script').textContent).nodes[0][0]")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.tagName") == "INPUT", f"{where}: / finds no search"
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.text_content(".shown h3") == name, f"{where}: Enter does not show {name}"


def print_after_dark(page, where):
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    colors = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    assert colors == ["rgb(255, 255, 255)", "rgb(31, 35, 40)"], f"{where}: prints {colors}"
    exact = page.evaluate("getComputedStyle(document.querySelector('.legend i')).printColorAdjust")
    assert exact == "exact", f"{where}: prints no swatches"


def loading(browser, path):
    """Milliseconds from the start of navigation to DOMContentLoaded, the median of 5."""
    times = []
    for _ in range(5):
        page = browser.new_page()
        page.goto(f"file://{path}")
        times.append(page.evaluate(
            "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
        page.close()
    return statistics.median(times)


def write(rows):
    head = ["report", "bytes", "DOMContentLoaded, median of 5, ms"]
    lines = ["| " + " | ".join(head) + " |", "|---|---:|---:|"]
    lines += [f"| {row['report']} | {row['bytes']:,} | {row['milliseconds']:.0f} |" for row in rows]
    figures.write(ROOT, "report", {"rows": rows}, "# The report in headless Chromium\n\n" + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--pictures")
    options = parser.parse_args()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip("the Python package playwright is not there")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        skip("there is no Chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pictures = options.pictures or folder
        os.makedirs(pictures, exist_ok=True)
        reports = make_reports(folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = []
        for name, path in reports.items():
            look(browser, name, path, pictures)
            rows.append({
                "report": name, "bytes": os.path.getsize(path), "milliseconds": loading(browser, path)})
            print(f"{name}: {rows[-1]['bytes']:,} bytes, {rows[-1]['milliseconds']:.0f} ms")
        browser.close()
        assert rows[0]["bytes"] < 2_000_000, "5,000 nodes take 2 MB or more"
        if options.write:
            write(rows)


if __name__ == "__main__":
    main()
