"""Notes for the inside of a CNN, the comparison, and what lies beyond images."""

from __future__ import annotations

from statistics import fmean

from lesson import brief, comparison, hunger, outcome, series
from lesson.chance import MEANING
from lesson.notes.beginning import MISSING
from lesson.notes.note import Ask, Note, Said, Show, link
from lesson.presets import CNN_PRESETS, course
from lesson.runs import RunStore
from lesson.specs import CNN_1, CNN_2, NOTEBOOK_RUNS, RunSpec

HELD_BACK, FEW = "CNN 2, 10% held back", 1_000


def _slower(store: RunStore) -> str:
    """How much longer an epoch of CNN 2 takes than one of the network without filters."""
    runs = [store.find(NOTEBOOK_RUNS[name]) for name in ("Feedforward", "CNN 2")]
    seconds = [fmean(run.epoch_seconds) for run in runs if run]
    if len(seconds) < len(runs):
        return "A CNN takes longer to train."
    return (
        f"An epoch of CNN 2 took {seconds[1] / seconds[0]:.0f} times as long as one of the "
        "feedforward network."
    )


def inside_a_cnn(store: RunStore) -> Note:
    first, _, second = CNN_2.ledger[:3]
    chosen = CNN_PRESETS[HELD_BACK]
    run = store.find(chosen.spec)
    came = course(run)[0] if run else MISSING
    depth = second.input_shape[-1]
    return Note(
        slug="inside-a-cnn",
        purpose="Nothing in a network is hidden: every map, every sum, every weight can be seen.",
        asks=(
            Ask(
                "The second Conv2D has kernels of 3×3, as the first. Why has it so many more "
                "parameters?",
                link("The ledger of CNN 2", "inside-a-cnn", cnn_view="Build and train"),
                (
                    Said("It has twice as many filters.", False, "That explains twice as many."),
                    Said(
                        f"Each filter looks at {depth} maps.",
                        True,
                        f"First {first.arithmetic}, then {second.arithmetic}.",
                    ),
                ),
            ),
            Ask(
                "CNN 2 has more layers than CNN 1. Which has more parameters?",
                link("CNN 2", "inside-a-cnn"),
                (
                    Said(
                        "CNN 2, it has more layers.",
                        CNN_2.parameters > CNN_1.parameters,
                        f"CNN 1 has {CNN_1.parameters:,}, CNN 2 {CNN_2.parameters:,}. What reaches "
                        "the first Dense layer decides.",
                    ),
                    Said(
                        "CNN 1.",
                        CNN_1.parameters > CNN_2.parameters,
                        f"Its first Dense layer alone has {CNN_1.ledger[3].arithmetic}.",
                    ),
                ),
            ),
            Ask(
                "Why may validation lie above training here?",
                link("The curves of CNN 2", "inside-a-cnn", cnn_view="Build and train"),
                (
                    Said("An error in the program.", False, came),
                    Said(
                        "Dropout is at work in training only.",
                        True,
                        "Train without dropout, and see both curves again.",
                    ),
                ),
            ),
        ),
        shows=(
            Show(
                "Follow one stroke from left to right: point at a pixel of the digit, and see what "
                "it reaches in each layer.",
                link("The whole of CNN 2", "inside-a-cnn"),
            ),
            Show(
                "Open one filter of the first layer, and change a weight until the answer changes.",
                link("Filter 1", "inside-a-cnn", cnn_unit="1"),
            ),
            Show(
                "The ten sums at the end, and the softmax that makes probabilities of them.",
                link("The answer 7", "inside-a-cnn", cnn_layer="dense_2", cnn_unit="7"),
            ),
        ),
        wrong=(
            "“This filter looks for loops.” Perhaps: take another digit and check. Most maps have "
            "no name.",
            f"{_slower(store)} Read the estimate aloud before you press the button.",
        ),
        short="Ask the second question, open one filter, train nothing.",
        onward="It works. Is it better, and at what price?",
    )


def comparison_page(store: RunStore) -> Note:
    results = outcome.results(store)

    def accuracy(spec: RunSpec) -> float | None:
        known = brief.look_up(spec, store)
        return known.test_accuracy if known else None

    curves = hunger.curves(accuracy)
    few = hunger.sentence(curves, FEW, 0.9) if curves else MISSING
    means = {name: fmean(points[FEW]) for name, points in curves.items() if points.get(FEW)}
    filters_win = min(means, key=means.__getitem__, default="") == "Feedforward"
    trained = {n: run for n, spec in NOTEBOOK_RUNS.items() if (run := store.find(spec))}
    best = comparison.accuracy_sentence(trained) if trained else MISSING
    return Note(
        slug="comparison",
        purpose="“Better” is a question to measurements: which, on what, at what price, and is it "
        "more than chance?",
        asks=(
            Ask(
                "Which of the three is the best network?",
                link("The result", "comparison"),
                (
                    Said("The one with the highest accuracy.", False, f"{best} And the price?"),
                    Said("Best at what?", True, "Write the class's criteria on the board first."),
                ),
            ),
            Ask(
                "Two runs differ by a tenth of a percentage point. Does it mean anything?",
                link("Other seeds", "comparison"),
                (
                    Said("Yes, 10,000 digits are many.", False, "Look how far seeds alone reach."),
                    Said("Only if it is more than chance.", True, MEANING),
                ),
            ),
            Ask(
                f"With only {FEW:,} training digits, who wins?",
                link("Data", "comparison", comparison_view="Data"),
                (
                    Said("The feedforward network, it is simpler.", not filters_win, few),
                    Said(
                        "Those with filters.", filters_win, "Each filter learns from every place."
                    ),
                ),
            ),
        ),
        shows=(
            Show(
                f"Moved digits. {outcome.reading(results) or MISSING}",
                link("Robustness", "comparison", comparison_view="Robustness"),
            ),
            Show(
                "The class chooses a cell of the matrix, and sees its digits.",
                link(
                    "4 read as 9",
                    "comparison",
                    comparison_view="Mistakes",
                    comparison_digits="this cell",
                    comparison_true="4",
                    comparison_answer="9",
                ),
            ),
            Show(
                "Move one digit until the first network fails. Who is last?",
                link(
                    "Moved by 3",
                    "comparison",
                    comparison_view="One digit",
                    comparison_right="3",
                ),
            ),
            Show(
                "A patch slides over the digit: where does it hurt?",
                link("Why", "comparison", comparison_view="Why"),
            ),
        ),
        wrong=(
            "“A turned 6 should be easy.” Filters share weights over places, not over directions.",
            "“The calibration says it is right.” It says how sure it is, and whether that is "
            "deserved.",
        ),
        short="Show Result and Robustness only.",
        onward="Neighbours matter in pictures. Where else?",
    )


def beyond_images(store: RunStore) -> Note:
    heart, pulse = series.SERIES["heartbeat"].name, series.KERNELS["pulse"].name
    values, weights = series.SERIES["heartbeat"].values, series.KERNELS["pulse"].values
    return Note(
        slug="beyond-images",
        purpose="The same window over series, words and films, and the questions that close it.",
        asks=(
            Ask(
                f"{len(values)} values, a filter of {len(weights)}: how many answers?",
                link(f"{heart}, filter {pulse}", "beyond-images"),
                (
                    Said(f"{len(values) - len(weights) + 1}.", True, "As on the convolution page."),
                    Said(f"{len(values)}.", False, "With `same` or `causal` it would be."),
                ),
            ),
            Ask(
                "An alarm must ring at once. Which padding?",
                link("Causal", "beyond-images", beyond_padding="causal"),
                (
                    Said("`same`, it keeps the length.", False, "It needs values from the future."),
                    Said("`causal`.", True, "Each answer uses what was measured up to then."),
                ),
            ),
            Ask(
                "A table has age, income and shoe size. Would a filter over its columns help?",
                link("The closing questions", "beyond-images"),
                (
                    Said("Yes, filters find patterns.", False, "Put the columns in another order."),
                    Said("No, columns have no neighbours.", True, "That is the test to remember."),
                ),
            ),
        ),
        shows=(
            Show(
                "Play the filter along the series, and stop where its answer is largest.",
                link(heart, "beyond-images"),
            ),
            Show(
                "Move the filter over the words until it finds “not good”.",
                link("Words", "beyond-images", beyond_position="3"),
            ),
        ),
        wrong=(
            "“Then one uses a CNN for everything.” Ask each time what the neighbours are.",
            "The words' numbers are made up for the picture, and the page says so. Say it too.",
        ),
        short="Ask about the table, and read what was learned.",
        onward="Back to the overview: which of its claims can the class now explain?",
    )
