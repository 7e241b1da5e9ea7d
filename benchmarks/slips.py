"""How soon errors of arguments are told: `python -m benchmarks.slips`.

Each command has one slip: a file, store, column, group, number or name that is not. Run in a
process of its own on the demo's store: seconds from start to exit (the median of three), the exit
code, and whether torch was loaded.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import corpuscope as cs
from benchmarks.results import CACHE, record, table

_SLIPS = """
extract FILE --into x --text body
extract FILE --into x --id key
extract FILE --into x --metadata colour
extract FILE --into x --dictionary none.sae
extract FILE --into x --role judge
extract FILE --into x --encoding klingon
extract FILE --into x --delimiter abc
extract none.jsonl --into x
diff none.scope --by version
diff STORE --by colour
diff STORE --by version --target v9
diff STORE --by version --target v2 --reference v9
diff STORE --by version --target v2 --pair colour
diff STORE --by version --target v2 --strata colour
diff STORE --by version --target v2 --min-support 1
diff STORE --by version --target v2 --q 2
diff STORE --by version --plot none/p.png
trend STORE --by colour
trend STORE --by version --order v9
trend STORE --by version --every fortnight
trend STORE --by version --max-groups 2
correlate STORE --within colour
correlate STORE --min-npmi 2
correlate STORE --min-support 1
cluster STORE --n-clusters 1
cluster STORE --group colour
search STORE
search STORE joy --using magic
audit STORE --label colour
audit STORE --label version --check spelling
audit STORE --label version --folds 1
probe STORE --label colour
probe STORE --label version --target v9
probe STORE --label version --test 2
train FILE --into x --objective none
train FILE --into x --unit word
train FILE --into x --layer 99
train FILE --into x --k 9 --features 8
train FILE --into x --learning-rate 1000
finetune none.sae FILE --into x
sweep FILE --into x --objective none:3
evaluate none.sae FILE
label none.sae FILE
info none.scope
diff STORE --colour red
nothing STORE
"""
_RUN = (
    "import sys\nfrom corpuscope.cli.main import run\n"
    "try:\n    run()\nfinally:\n    print('torch' in sys.modules, file=sys.stderr)"
)


def main() -> None:
    """Record all."""
    file = Path(str(cs.demo_corpus().parts[0].name)).absolute()
    store = cs.extract(cs.demo_corpus(), into=CACHE / "slips.scope").path.absolute()
    body, slowest = [], 0.0
    for slip in _SLIPS.strip().splitlines():
        arguments = slip.replace("STORE", str(store)).replace("FILE", str(file)).split()
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            found = subprocess.run([sys.executable, "-c", _RUN, *arguments], text=True,
                                   capture_output=True, check=False)  # fmt: skip
            seconds.append(time.perf_counter() - begun)
        took = statistics.median(seconds)
        slowest = max(slowest, took)
        has_torch = found.stderr.rstrip().endswith("True")
        body.append([f"`{slip}`", f"{took:.2f}", found.returncode, "yes" if has_torch else "no"])
        print(body[-1], flush=True)
    told = f"{len(body)} commands; the slowest took {slowest:.2f} s."
    header = ["command", "seconds", "exit code", "torch loaded"]
    record("How soon errors of arguments are told", [told, "", *table(header, body)])


if __name__ == "__main__":
    main()
