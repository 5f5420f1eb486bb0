"""What a reader asked, answered, designed and trained, as one text to read, print or save.

The text is Markdown with pictures as SVG; :func:`page` makes a file of it that needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from lesson import naming, plots, tasks
from lesson.heatmap import heatmap
from lesson.outcome import MOVED, OBJECTIVES
from lesson.progress import Attempt, Progress, Standing, standing
from lesson.questions import bank
from lesson.questions.kinds import Answer, Asked, Cell, Choice, Verdict
from lesson.questions.question import Question
from lesson.results import Summary
from lesson.runs import RunStore
from lesson.specs import SHIFTS
from lesson.tables import table
from lesson.takeaway import Answered

NOTHING = "Nothing is answered yet. Each page asks, at its head, under *Predict first*."
STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: #111; background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { border-top: 1px solid #aaa; padding-top: 1rem; }
table { border-collapse: collapse; } th, td { border: 1px solid #aaa; padding: 0.25rem 0.7rem; }
code { background: #eef1f5; padding: 0 0.2em; } pre { background: #eef1f5; padding: 0.6rem; }
svg { max-width: 100%; height: auto; margin: 0.3rem 0.6rem 0.3rem 0; color: #111; }
h3, table, svg, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
"""


@dataclass(frozen=True, eq=False)
class Entry:
    """A question that the reader has answered last, as it was asked then."""

    question: Question
    asked: Asked
    answer: Answer
    attempt: Attempt

    @property
    def verdict(self) -> Verdict:
        """What is said to the answer."""
        return self.asked.judge(self.answer)

    @property
    def pictures(self) -> list[str]:
        """What the question showed, as SVG: the right one and a wrong answer are marked."""
        asked, answer = self.asked, self.answer
        if isinstance(asked, Cell):
            given = answer if isinstance(answer, tuple) and len(answer) == 2 else None
            look = (self.question.title, asked.scale, asked.high, asked.right)
            return [heatmap(asked.values, *look, given=(given[0], given[1]) if given else None)]
        if isinstance(asked, Choice) and asked.pictures:
            return [
                heatmap(
                    option.picture,
                    f"{option.label}{' ✓' if option.right else ' ✕' if place == answer else ''}",
                    asked.scale,
                    asked.high,
                    named=True,
                )
                for place, option in enumerate(asked.options)
                if option.picture is not None
            ]
        return []


def entries(progress: Progress) -> list[Entry]:
    """The questions with an answer, page by page; what no longer fits the bank is left out."""
    found = []
    for key, question in bank().items():
        attempt = progress.attempts.get(key, Attempt())
        if attempt.committed is None:
            continue
        seed, settings, answer = attempt.committed
        asked = question.ask(settings, seed)
        if asked.problem(answer) is None:
            found.append(Entry(question, asked, answer, attempt))
    return found


def answered(progress: Progress) -> tuple[Answered, ...]:
    """The answers as they go into a script or a notebook."""
    return tuple(
        Answered(
            f"**{entry.question.title}** {entry.asked.prompt}",
            entry.asked.told(entry.answer),
            entry.verdict.right,
            f"{entry.verdict.says} {entry.asked.explanation}".strip(),
        )
        for entry in entries(progress)
    )


def own_runs(progress: Progress, store: RunStore) -> dict[str, Summary]:
    """The finished runs that the reader asked for, by what they are called."""
    known = {each.spec.digest: each for each in store.summaries()}
    mine = [known[digest] for digest in progress.runs if digest in known]
    called = naming.names(each.spec for each in mine)
    return {called[each.spec.digest]: each for each in mine}


def standings(progress: Progress) -> dict[str, Standing]:
    """By objective: how many questions and designs there are, and how many were right or done."""
    found = standing(progress, bank().values())
    done = tasks.done(progress.tasks)
    for key, task in tasks.bank().items():
        far, made = found[task.objective], key in done
        found[task.objective] = Standing(far.right + made, far.answered + made, far.asked + 1)
    return found


def objectives(progress: Progress) -> str:
    """How far the reader is, as a table: an objective, and its questions and designs done."""
    by_key = standings(progress)
    rows = []
    for objective in OBJECTIVES:
        one = by_key[objective.key]
        bar = "■" * one.right + "□" * (one.asked - one.right)
        rows.append((objective.goal, bar, f"{one.right} of {one.asked}"))
    return table(("You can", "", "done"), rows, "llr")


def text(progress: Progress, store: RunStore, titles: Mapping[str, str]) -> str:
    """The whole summary in Markdown, pictures as SVG.

    Args:
        progress: the reader's.
        store: where the reader's runs are.
        titles: what the pages are called, by their addresses.
    """
    parts = ["## What you can do now", objectives(progress)]
    parts += ["## What you were asked, and what you said", *_questions(entries(progress), titles)]
    if built := tasks.done(progress.tasks):
        known = tasks.bank()
        # What the browser keeps is text, whatever it holds.
        lines = [
            f"- **{known[key].title}.** {escape(' '.join(says.split()))}"
            for key, says in built.items()
        ]
        parts += ["## What you designed", "\n".join(lines)]
    if runs := own_runs(progress, store):
        parts += ["## What you trained", *_trained(runs, store)]
    return "\n\n".join(parts)


def _questions(found: Iterable[Entry], titles: Mapping[str, str]) -> list[str]:
    parts: list[str] = []
    page = ""
    for entry in found:
        if entry.question.page != page:
            page = entry.question.page
            parts.append(f"### {titles[page]}")
        parts.append(f"**{entry.question.title}** {entry.asked.prompt}")
        parts += ["".join(entry.pictures)] if entry.pictures else []
        said = entry.asked.told(entry.answer)
        if entry.verdict.right:
            attempt = entry.attempt
            times = f", {attempt.rights} of {attempt.tries} times" if attempt.tries > 1 else ""
            parts.append(f"✓ You said {said}: right{times}. {entry.verdict.says}")
        else:
            right = entry.asked.told(entry.asked.solution)
            parts.append(f"✕ You said {said}. It is {right}. {entry.verdict.says}")
        parts.append(entry.asked.explanation)
    return parts or [NOTHING]


def _trained(runs: Mapping[str, Summary], store: RunStore) -> list[str]:
    head = ("run", "parameters", "right", "loss", f"moved {MOVED} pixels", "seconds")
    rows = []
    for name, each in runs.items():
        right = store.robustness(each.spec.digest).get("right")
        rows.append(
            (
                name,
                f"{each.spec.network.parameters:,}",
                f"{each.test_accuracy:.2%}",
                f"{each.test_loss:.4f}",
                f"{right[SHIFTS.index(MOVED)]:.2%}" if right else "not measured",
                f"{each.seconds:.1f}",
            )
        )
    points = {
        name: (each.spec.network.parameters, each.test_accuracy) for name, each in runs.items()
    }
    return [table(head, rows), plots.price(points)]


def page(markdown: str, title: str, date: str) -> str:
    """A file in HTML that shows the text anywhere: formulas, pictures and style are in it.

    Args:
        markdown: from :func:`text`.
        title: of the whole.
        date: when it was made, as it is to be read.
    """
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(source: str, display: dict[str, bool]) -> str:
        return convert(source, "block" if display["display_mode"] else "inline")

    reader = MarkdownIt("commonmark").enable("table")
    reader.use(dollarmath_plugin, renderer=formula, allow_space=False)
    body = reader.render(markdown)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f'</title>\n<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style>'
        f"</head>\n<body>\n<h1>{escape(title)}</h1>\n<p>{escape(date)}</p>\n{body}</body></html>\n"
    )
