"""Notes for the overview, data preparation and the feedforward network."""

from __future__ import annotations

from lesson import mnist, outcome, preparation
from lesson.notes.note import Ask, Note, Said, Show, link
from lesson.presets import FEEDFORWARD_PRESETS, course
from lesson.runs import RunStore
from lesson.shipped import VARIANTS
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NOTEBOOK_RUNS
from lesson.specs import feedforward as network

MISSING = "Its run is missing from assets/runs, so there are no numbers to show."
SHUFFLED, BY_HEART = "Labels shuffled", "Overfit: 1,000 digits, 50 epochs"


def preset(name: str, store: RunStore) -> str:
    """What came of a feedforward preset, in short."""
    run = store.find(FEEDFORWARD_PRESETS[name].spec)
    if run is None:
        return MISSING
    return " ".join([f"{run.test_accuracy:.1%} of the test digits right.", *course(run)[:1]])


def overview(store: RunStore) -> Note:
    results = outcome.results(store)
    sizes = (
        f"The feedforward network has {FEEDFORWARD.parameters:,} parameters, CNN 1 "
        f"{CNN_1.parameters:,}, CNN 2 {CNN_2.parameters:,}."
    )
    lost = [row.accuracy - row.moved for row in results]
    hold = all(each < lost[0] for each in lost[1:])
    picture = link("The picture", "overview")
    return Note(
        slug="overview",
        purpose="The class sees the result first, and bets on it. Each later page explains a part.",
        asks=(
            Ask(
                "Cover the picture. Three networks read digits: one without filters, two with "
                "them. Which has the fewest parameters?",
                picture,
                (
                    Said(
                        "Those with filters, because filters are small.",
                        max(CNN_1.parameters, CNN_2.parameters) < FEEDFORWARD.parameters,
                        f"{sizes} Filters are small, but what lies behind them need not be. Ask "
                        "again on the pooling page.",
                    ),
                    Said(
                        "It depends on the layers.",
                        True,
                        "So we have to count. The pages from the third on do.",
                    ),
                ),
            ),
            Ask(
                f"Every digit moves {outcome.MOVED} pixels to the right. Who still reads it?",
                picture,
                (
                    Said(
                        "All of them: it is the same digit.", False, "To us. Look at the picture."
                    ),
                    Said("Those with filters.", hold, outcome.reading(results) or MISSING),
                ),
            ),
        ),
        shows=(
            Show("Let the picture stand, and read its columns from left to right.", picture),
            Show(
                "Move one digit to the right, pixel by pixel, and see who misreads it first.",
                link("Moved by 3", "comparison", comparison_view="One digit", comparison_right="3"),
            ),
        ),
        wrong=(
            "Somebody asks what a parameter is. One sentence is enough here: a number that "
            "training sets.",
            "A discussion of accuracy to the second decimal: say that another seed moves it, and "
            "that Comparison shows by how much.",
        ),
        short="Ask the second question only.",
        onward="Before a network can read a digit, the digit must become numbers.",
    )


def data_preparation(store: RunStore) -> Note:
    data = mnist.load()
    ink = int((data.x_test[0] > 0).sum())
    most, guess = preparation.most_frequent(data.y_train, data.y_test)
    runs = store.find(NOTEBOOK_RUNS["Feedforward"]), store.find(VARIANTS["unscaled"])
    scaled, unscaled = (f"{run.test_accuracy:.1%}" if run else "not trained" for run in runs)
    background = preparation.background_share()
    return Note(
        slug="data-preparation",
        purpose="A picture is a block of numbers, and a label is a name. All later pages use both.",
        asks=(
            Ask(
                "How many numbers is this picture, and how many of them are not 0?",
                link("The first test digit", "data-preparation"),
                (
                    Said("28.", False, "That is one side. Count the rows as well."),
                    Said(
                        "784, about half of them with ink.",
                        False,
                        f"Here {ink} have ink. In all training digits, {background:.0%} are 0.",
                    ),
                    Said(f"784, and {ink} of them.", True, "28 × 28 numbers, most of them 0."),
                ),
            ),
            Ask(
                "A network takes a 5 for a 4. Is that a better mistake than taking it for a 1?",
                link("The costs, for test digit 8", "data-preparation", digit="8"),
                (
                    Said(
                        "Yes, 4 is closer to 5.",
                        False,
                        "As a quantity. But a label is a name: show the two rows of the table.",
                    ),
                    Said(
                        "No, both are wrong.",
                        True,
                        "Hence one-hot, or a loss that takes labels as names.",
                    ),
                ),
            ),
            Ask(
                "A program always gives the same answer. How often is it right?",
                link("The frequencies", "data-preparation"),
                (
                    Said("One time in ten.", True, f"Nearly: always {most} gives {guess:.2%}."),
                    Said("Never.", False, "It is right whenever that digit happens to come."),
                ),
            ),
        ),
        shows=(
            Show("Point at a dark pixel, then at a pale one.", link("Raw", "data-preparation")),
            Show(
                "Switch scaling on: the numbers change, the picture does not.",
                link("Scaled", "data-preparation", data_scaled="true"),
            ),
            Show(
                "Let a student draw a digit in the sidebar, and see the steps that prepare it.",
                link("The drawing pad", "data-preparation", digit_source="Draw"),
            ),
        ),
        wrong=(
            "“Scaling makes it more accurate, always.” Say what was measured: "
            f"{scaled} with scaling, {unscaled} without, for this network and these five epochs.",
            "“Reshape moves pixels.” It moves none: it adds an axis.",
        ),
        short="Leave out the histograms and the gallery.",
        onward="The digit is a row of numbers now. What can a network do that sees it as a row?",
    )


def feedforward(store: RunStore) -> Note:
    first = FEEDFORWARD.ledger[1]
    over = {
        "feedforward_training_digits": "1,000",
        "feedforward_batch_size": "32",
        "feedforward_epochs": "50",
        "feedforward_validation_split": "0.2",
    }
    return Note(
        slug="feedforward",
        purpose="A network without filters learns, is too small, learns by heart: what one has "
        "seen here makes the CNNs easy.",
        asks=(
            Ask(
                "How many parameters has the first hidden layer, with 128 units?",
                link("The notebook's network", "feedforward"),
                (
                    Said(f"{784 * 128:,}.", False, "The weights only: each unit has a bias too."),
                    Said(f"{first.parameters:,}.", True, f"{first.arithmetic}."),
                    Said("784 + 128.", False, "Every unit has a weight for every pixel: multiply."),
                    Said(
                        "64 units, says the notebook.",
                        False,
                        f"Its answer does; its code has 128. With 64 the whole network would have "
                        f"{network((64, 32)).parameters:,} parameters.",
                    ),
                ),
            ),
            Ask(
                "All pixels of all digits are shuffled in the same way. What happens to accuracy?",
                link("The diagram of the network", "feedforward"),
                (
                    Said(
                        "It falls to chance.", False, "Ours would. The network knows no neighbours."
                    ),
                    Said("Nothing.", True, "That is what filters will change."),
                ),
            ),
            Ask(
                "The labels are dealt out at random. Can the network still learn them?",
                link(SHUFFLED, "feedforward", **over, feedforward_shuffled_labels="true"),
                (
                    Said("No, there is nothing to learn.", False, preset(SHUFFLED, store)),
                    Said("By heart, yes.", True, "And that is of no use for new digits."),
                ),
            ),
        ),
        shows=(
            Show(
                f"Too small. {preset('Underfit: 4 units', store)}",
                link(
                    "Underfit: 4 units",
                    "feedforward",
                    feedforward_hidden_layers="1",
                    feedforward_units_1="4",
                ),
            ),
            Show(f"By heart. {preset(BY_HEART, store)}", link(BY_HEART, "feedforward", **over)),
            Show(
                f"Steps too long. {preset('Learning rate far too high', store)}",
                link("Learning rate far too high", "feedforward", feedforward_learning_rate="1"),
            ),
            Show(
                "Train one live: the class chooses the units, and predicts the accuracy first.",
                link("64 units", "feedforward", feedforward_units_1="64"),
            ),
        ),
        wrong=(
            "The first live training takes some seconds longer, while TensorFlow loads. Start it, "
            "and ask the next question meanwhile.",
            "Thirty students train at once on one laptop: they wait in a row. Let them share: who "
            "asks for what another has trained sees the result at once.",
        ),
        short="Show Underfit and By heart, train nothing live.",
        onward="This network would learn shuffled pixels as well. What would one do that looks at "
        "neighbours first?",
    )
