"""Clients in Python against the embedded endpoint: `conformance.py http://HOST:PORT MODULE...`, the modules being those of `checks`.

Every check has a dataset of its own, made before and deleted after it, so that checks neither share state nor leave any.
"""

import importlib
import os
import sys
import traceback
import warnings


def main(url, modules):
    os.environ["BIGQUERY_EMULATOR_HOST"] = url
    # Hints on other ways to the same rows, which is not what is checked here.
    warnings.simplefilter("ignore")
    from checks.suite import Run, connect

    client = connect()
    passed = failed = 0
    for module in modules:
        for check in importlib.import_module(f"checks.{module}").check:
            run = Run.begin(client)
            try:
                check(run)
                passed += 1
            except Exception:  # every check is run, whatever the one before it did
                failed += 1
                print(f"{module}.{check.__name__}: FAILED")
                traceback.print_exc(limit=-4, file=sys.stdout)
            finally:
                run.end()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
