"""Fill an empty store with the worked example: `python -m pages.admin.demo`.

--if-empty        do nothing, and say so, when the store already holds anything (what `make run` uses)
--language fr|en  of what its people wrote; by default the language of this session
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys

from data.settings import settings
from data.store import StoreProblem
from pages.admin.demo.telling import is_empty, tell
from pages.web.starting import problem_words
from wording import pick_language, say


def main(arguments: list[str] | None = None) -> int:
    """Fill the store; exit 0 done, 2 the store is not empty, 3 it cannot be opened."""
    parser = argparse.ArgumentParser(prog="python -m pages.admin.demo", description=__doc__, add_help=True)
    parser.add_argument("--if-empty", action="store_true")
    parser.add_argument("--language", choices=("fr", "en"))
    chosen = parser.parse_args(arguments)
    own = pick_language(asked=os.environ.get("ESSAIM_LANGUAGE"), accept=os.environ.get("LANG", "").partition(".")[0])
    language = chosen.language or own
    where = settings().store_url
    try:
        if not is_empty(where):
            word = "not_empty" if chosen.if_empty else "refused"
            print(
                say(f"demo.command.{word}", language, place=where), file=sys.stdout if chosen.if_empty else sys.stderr
            )
            return 0 if chosen.if_empty else 2
        print(say("demo.command.filling", language), flush=True)
        told = tell(where, settings().today or dt.datetime.now(dt.UTC).date(), language)
    except StoreProblem as problem:
        print(problem_words(problem, language), file=sys.stderr)
        return 3
    print(say("demo.command.filled", language, **told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
