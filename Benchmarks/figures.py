"""Writes the figures of a benchmark to results/."""

import json
import os


def write(root, name, result, text):
    """The same figures for machines and for people; a file is there whole, or not at all."""
    for suffix, content in [("json", json.dumps(result, indent=2) + "\n"), ("md", text)]:
        path = os.path.join(root, f"results/{name}.{suffix}")
        with open(path + ".partial", "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(path + ".partial", path)
