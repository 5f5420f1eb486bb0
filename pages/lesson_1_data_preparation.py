from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lesson import diagrams, export, figures, mnist, preparation, scripts
from lesson.layers import shape_text
from lesson.shipped import VARIANTS, seeds_of
from lesson.specs import NOTEBOOK_RUNS
from lesson.tables import table
from lesson.ui import controls, digits, explorer, frame, own, resources, taking
from lesson.ui.charts import chart
from lesson.ui.explorer import Map

SLUG = "data-preparation"
EVERY = "all"

frame.header(SLUG)
data = mnist.load()
digit = digits.choose()

if digit.steps:
    frame.heading("From your digit to one like MNIST's")
    explorer.pixels(
        own.maps(digit.steps),
        key="data_own_steps",
        alt="Your digit as it came, its ink cropped, in the box, and in the middle",
        legend=False,
    )
    st.markdown("\n".join(f"{number}. {step.says}" for number, step in enumerate(digit.steps, 1)))

picture, words = st.columns([0.66, 0.34], gap="small")
with words:
    scaled = controls.toggle("Scale to 0..1", "data_scaled")
    ink = int(np.count_nonzero(digit.image))
    largest = int(digit.image.max())
    if digit.index is None:
        begin = f"{digit.title} is prepared, as above. To"
    else:
        begin = f"Test digit {digit.index:,} is labelled **{digit.label}**. To"
    frame.prose(
        f"{begin} the computer it is 28 × 28 = {digit.image.size} numbers, one for each pixel: 0 "
        f"is background, 255 would be full ink. Here {ink} pixels have ink, and the darkest has "
        f"{largest}."
    )
    if scaled:
        st.markdown(
            f"Each number is now divided by 255, so {largest} has become {largest / 255:.4f}. "
            "The picture is the same: only the scale has changed. The cells show one decimal; "
            "point at one for four."
        )
    else:
        st.markdown(
            "Scaling divides each of them by 255. Switch it on, and see what changes in the "
            "numbers, and what does not change in the picture."
        )
    if not digit.steps:
        st.markdown(
            "Before that, somebody scanned it, cut it out and centred it. **Draw** a digit of "
            "your own, in the sidebar, and see those steps too."
        )
with picture:
    values = mnist.prepare(digit.image[None])[0, ..., 0] if scaled else digit.image
    shown = Map(values, numbers=True, decimals=int(scaled), high=1.0 if scaled else 255.0)
    what = "0 to 1" if scaled else "0 to 255"
    alt = f"{digit.title}: its pixels as numbers from {what}"
    explorer.pixels([shown], key="data_pixels", alt=alt, height=850, legend=False)

frame.heading("The shape at each step")
steps = list(preparation.steps(data.x_train))
actions = [step.action for step in steps[1:]] + [""]
boxes = [(shape_text(step.shape), action) for step, action in zip(steps, actions, strict=True)]
st.markdown(diagrams.shape_steps(boxes), unsafe_allow_html=True)
head = ("step", "shape", "type", "values", "memory")
rows = [
    (
        step.action,
        shape_text(step.shape),
        step.dtype,
        f"0 to {step.highest:g}",
        f"{step.megabytes:.1f} MB",
    )
    for step in steps
]
costs, words = st.columns([0.6, 0.4], gap="medium")
costs.markdown(table(head, rows, "llllr"))
frame.prose(
    "`reshape` moves nothing: it adds an axis for channels, which `Conv2D` asks for. A grey "
    "picture has one channel, a coloured one three. `float32` costs "
    f"{steps[2].megabytes / steps[1].megabytes:g} times the memory, but a byte can hold no "
    "fractions.",
    words,
)

frame.heading("Why scale?")
picture, words = st.columns([0.6, 0.4], gap="medium")
with picture:
    chart(
        figures.pixel_histogram(digit.image, mnist.prepare(digit.image[None])),
        "data_histogram",
        "How often each pixel value occurs in this digit, before and after scaling.",
    )
frame.prose(
    "Both histograms have the same shape; only the axis differs. In this digit "
    f"{1 - ink / digit.image.size:.0%} of the pixels are 0, in all training digits together "
    f"{preparation.background_share():.0%}.\n\n"
    "A unit of the next layer adds up 784 products. With values up to 255 the sums begin some "
    "255 times as large, while the weights and the learning rate were chosen for inputs near 0 "
    "to 1. Whether that matters must be measured: below is one feedforward network, trained with "
    "one seed on both.",
    words,
)
spec = NOTEBOOK_RUNS["Feedforward"]
scaled_run, unscaled_run = resources.find(spec), resources.find(VARIANTS["unscaled"])
if scaled_run is None or unscaled_run is None:
    st.info("The runs with and without scaling are missing from assets/runs.")
else:
    curves = {"0 to 1": scaled_run.history, "0 to 255": unscaled_run.history}
    for metric, column in zip(("accuracy", "loss"), st.columns(2), strict=True):
        with column:
            alt = f"The {metric} on the training digits by epoch, with and without scaling."
            chart(figures.learning_curves(curves, metric), f"data_scaling_{metric}", alt)
    seeds = [run.test_accuracy for each in seeds_of(spec) if (run := resources.find(each))]
    first, first_unscaled = scaled_run.history["loss"][0], unscaled_run.history["loss"][0]
    frame.prose(
        f"Measured on the test digits: **{scaled_run.test_accuracy:.2%}** right with scaled "
        f"pixels, **{unscaled_run.test_accuracy:.2%}** without. The mean loss in the first epoch "
        f"was {first:.2f} and {first_unscaled:.2f}. Chance matters too: other seeds alone move the "
        f"scaled network between {min(seeds):.2%} and {max(seeds):.2%} ({len(seeds)} trainings)."
    )

frame.heading("A label is a name, not a quantity")
if digit.label is None:
    st.markdown(
        "A picture says nothing about what it is meant to be: a label comes from a person. Say in "
        "the sidebar which digit you meant, and see here what becomes of your label."
    )
else:
    one_hot = mnist.one_hot(np.array([digit.label]))[0]
    explorer.gallery(
        [Map(np.full((1, 1), value), str(name)) for name, value in enumerate(one_hot)],
        key="data_one_hot",
        alt=f"The label {digit.label} one-hot: ten cells, 1 in cell {digit.label}, 0 in the others",
        height=110,
        columns=10,
        legend=False,
    )
    wrong, words = st.columns([0.35, 0.65], gap="medium")
    with wrong:
        answer = controls.slider("A network is 90% sure of", "data_wrong_answer", 0, 9, 4)
    squares = preparation.squared_errors(digit.label)
    entropies = preparation.cross_entropies(digit.label)
    heads = [f"**→ {name} ←**" if name == answer else str(name) for name in range(10)]
    as_number = (f"as a number: ({digit.label} − answer)²", *map(str, squares))
    as_name = (f"as a name: −ln p({digit.label})", *(f"{cost:.2f}" for cost in entropies))
    st.markdown(table(("answer", *heads), [as_number, as_name]))
    frame.prose(preparation.in_words(digit.label, answer), words)

frame.heading("Are all digits equally frequent?")
picture, words = st.columns([0.6, 0.4], gap="medium")
counts, test_counts = np.bincount(data.y_train), np.bincount(data.y_test)
most, guess = preparation.most_frequent(data.y_train, data.y_test)
with picture:
    alt = "How many training and test digits there are of each label."
    chart(figures.class_balance(counts, test_counts), "data_balance", alt)
frame.prose(
    f"Not quite: {counts.max():,} of the {len(data.y_train):,} training digits are labelled "
    f"{most}, only {counts.min():,} are labelled {counts.argmin()}. Always saying {most} would be "
    f"right for **{guess:.2%}** of the {len(data.y_test):,} test digits. An accuracy means "
    "something only beside this number.",
    words,
)

frame.heading("The first training digits")
label = controls.segmented(
    "Label", "data_gallery_label", [EVERY, *(str(name) for name in range(10))], EVERY
)
chosen = np.arange(30) if label == EVERY else np.flatnonzero(data.y_train == int(label))[:30]
explorer.gallery(
    [Map(data.x_train[place], str(data.y_train[place])) for place in chosen],
    key="data_gallery",
    alt=f"The first {len(chosen)} training digits with the label {label}",
    columns=10,
    legend=False,
)

script = partial(scripts.preparation, scaled, digit.index, digit.image)
frame.keras_lines(export.preparation_code(scaled), script, SLUG)
taking.digits(SLUG)
frame.footer(SLUG)
