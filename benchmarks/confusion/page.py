"""How long a page of many classes takes: the command that writes it, and a browser until it is drawn.

    python3 page.py --program PATH/gradiometer --work FOLDER --browser chromium --classes 1000

Two matrices: one where a class is taken for few others, as of a real classifier, and one where every cell has rows. A time in the browser is
`performance.now()` once the page is loaded, its scripts have drawn, and the layout is made, counted from the start of the navigation; the start of the browser is
not in it, nor is putting the picture on the screen. Medians of `--repeats`.
"""

import argparse
import pathlib
import random
import re
import statistics
import subprocess
import time

PROBE = """<script>addEventListener('load', () => { document.body.getBoundingClientRect();
document.documentElement.setAttribute('data-drawn', performance.now()); });</script></body>"""


def matrix(path, classes, dense):
    generator = random.Random(0)
    lines = [",".join(["actual \\ predicted", *(f"class {k:04d}" for k in range(classes))])]
    for actual in range(classes):
        row = [generator.randrange(1, 20) if dense else 0 for _ in range(classes)]
        for _ in range(0 if dense else 12):
            row[min(classes - 1, max(0, actual + generator.randrange(-20, 21)))] += generator.randrange(1, 9)
        row[actual] += 500
        lines.append(",".join([f"class {actual:04d}", *map(str, row)]))
    path.write_text("\n".join(lines) + "\n")


def drawn(browser, page):
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000", "--dump-dom"]
    out = subprocess.run([*command, page.as_uri()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=True).stdout
    found = re.search(rb'data-drawn="([0-9.]+)"', out)
    if not found:
        raise SystemExit(f"{page} was not drawn when {browser} gave the page back")
    return float(found[1]) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the path of gradiometer")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for matrices and pages")
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    print("| matrix | command, seconds | MiB | drawn, seconds |\n|---|---|---|---|")
    for name in ["sparse", "dense"]:
        table, page = (options.work.resolve() / f"{name}-{options.classes}.{kind}" for kind in ["csv", "html"])
        matrix(table, options.classes, name == "dense")
        command = [options.program, "confusion", "--matrix", str(table), "--rows", "actual", "--html", str(page), "-q"]
        times = []
        for _ in range(options.repeats):
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - started)
        probed = page.with_suffix(".probed.html")
        text = page.read_text()
        assert text.count("</body>") == 1
        probed.write_text(text.replace("</body>", PROBE))
        shown = [drawn(options.browser, probed) for _ in range(options.repeats)]
        size = page.stat().st_size / 2**20
        print(f"| {name} | {statistics.median(times):.2f} | {size:.1f} | {statistics.median(shown):.2f} |")


if __name__ == "__main__":
    main()
