"""Training as an experiment: presets to begin from, and one run, A, that the next is held against.

A page that trains has a :class:`Lab`: its name begins the keys of its controls, and it knows the
settings that ask for a run. Which run is A is kept for the session, for each page by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from lesson import comparison, experiment, fitting, inside, naming, presets
from lesson.presets import Preset
from lesson.results import Run, Summary
from lesson.specs import RunSpec
from lesson.ui import keeping, resources
from lesson.words import listed

OWN = "Your own"


@dataclass(frozen=True)
class Lab:
    """What the training must know of the page that it stands on.

    Attributes:
        name: begins the keys of the page's controls.
        choice: the key of the list of presets.
        presets: by their names.
        settings: the values of the page's controls that ask for a run, without the page's name.
    """

    name: str
    choice: str
    presets: Mapping[str, Preset]
    settings: Callable[[RunSpec], Mapping[str, object]]

    def key(self, control: str) -> str:
        return f"{self.name}_{control}"

    def take(self, spec: RunSpec) -> None:
        """Move the page's controls to the settings of a run."""
        chosen = {self.key(control): value for control, value in self.settings(spec).items()}
        st.session_state.update(chosen)

    def preset(self, spec: RunSpec) -> str | None:
        """The name of the preset that a spec is, if it is one."""
        return next((name for name, each in self.presets.items() if each.spec == spec), None)

    def called(self, spec: RunSpec) -> str:
        """A short name for a run."""
        return self.preset(spec) or naming.name(spec)


FEEDFORWARD = Lab(
    "feedforward", "feedforward_experiment", presets.FEEDFORWARD_PRESETS, fitting.settings
)
CNN = Lab("cnn", "cnn_network_name", presets.CNN_PRESETS, inside.settings)


def finished() -> tuple[list[Summary], set[str]]:
    """Every finished run, and the digests of those that were made here."""
    store = resources.store()
    summaries = store.summaries()
    digests = {each.spec.digest for each in summaries}
    return summaries, {digest for digest in digests if (store.folder / digest).exists()}


# Presets


def choose(lab: Lab, spec: RunSpec, on_own: Callable[[], None] | None = None, **look: Any) -> None:
    """The list of presets; it stands at the one that the page's controls ask for.

    Args:
        lab: the page's.
        spec: what the controls ask for.
        on_own: called when the reader wants settings of their own.
        look: Streamlit's ``label_visibility`` and ``width``.
    """
    st.session_state[lab.choice] = lab.preset(spec) or OWN
    st.session_state[_hand_key(lab.name)] = spec
    names = [*lab.presets, OWN]
    st.selectbox("Experiment", names, key=lab.choice, on_change=_chosen, args=(lab, on_own), **look)


def _chosen(lab: Lab, on_own: Callable[[], None] | None) -> None:
    preset = lab.presets.get(st.session_state[lab.choice])
    if preset:
        lab.take(preset.spec)
    elif on_own:
        on_own()


def in_hand(name: str) -> RunSpec | None:
    """What the controls of the laboratory of this name asked for last, in this session."""
    spec: RunSpec | None = st.session_state.get(_hand_key(name))
    return spec


def _hand_key(name: str) -> str:
    return f"_{name}_in_hand"


def train(spec: RunSpec) -> None:
    """Ask for a run, and take note that it is the reader's."""
    resources.mine(spec.digest)
    keeping.keep(keeping.so_far().with_run(spec.digest))
    resources.trainer().train(spec, resources.reader())


def look_for(lab: Lab, spec: RunSpec) -> None:
    """What a preset is there for, before its result."""
    if name := lab.preset(spec):
        st.markdown(f"**{name}.** Look for: {lab.presets[name].look}")


# The run that the next one is held against


def pinned(lab: Lab) -> Run | None:
    """The run A of this page, if the reader has chosen one and it is still there."""
    digest = st.session_state.get(_pin_key(lab))
    run = resources.store().load(digest) if digest else None
    if digest and run is None:
        _put_away(lab)
    return run


def pin(lab: Lab, run: Run) -> None:
    st.session_state[_pin_key(lab)] = run.digest


def _put_away(lab: Lab) -> None:
    st.session_state.pop(_pin_key(lab), None)


def _pin_key(lab: Lab) -> str:
    return f"_{lab.name}_pinned"


def against(lab: Lab, a: Run, spec: RunSpec) -> None:
    """What A and B do each, and whether both begin from the same weights."""
    if a.spec == spec:
        st.markdown("**This run is A.** Change one setting, then train: that is B.")
    else:
        name = lab.preset(a.spec)
        called = f" «{name}»," if name else ""
        ours, theirs = (
            listed(naming.differences(*pair)) for pair in ((a.spec, spec), (spec, a.spec))
        )
        why = experiment.unlike_at_first(a.spec, spec)
        st.markdown(
            f"**A**,{called} {a.test_accuracy:.2%}: **{ours}**. **B**: **{theirs}**. "
            + (f"Other first weights: {why}." if why else "Both begin from the same first weights.")
        )


def ways_back(lab: Lab, a: Run, spec: RunSpec) -> None:
    """Buttons that have to do with A: to begin as it began, to go back to it, to put it away."""
    if spec.seed != a.spec.seed:
        alike = experiment.unlike_at_first(a.spec, replace(spec, seed=a.spec.seed)) is None
        label = "Same first weights" if alike else "Same seed as A"
        seed = ({lab.key("seed"): a.spec.seed},)
        st.button(label, lab.key("same_seed"), None, st.session_state.update, seed)
    if a.spec != spec:
        st.button("Back to A", lab.key("back"), "The settings of A", lab.take, (a.spec,))
    st.button("Put A away", lab.key("put_away"), None, _put_away, (lab,))


def sentence(lab: Lab, a: Run | None, run: Run) -> None:
    """What came of a run: beside A, or as a preset beside the one that it is held against."""
    name = lab.preset(run.spec)
    course = presets.course(run) if name else []
    if a:
        found = naming.differences(run.spec, a.spec)
        seeds = comparison.seeds(a.spec, finished()[0])
        st.markdown(" ".join([experiment.verdict(a, run, found, seeds), *course]))
    elif name:
        beside = lab.presets[name].beside
        st.markdown(presets.outcome(run, resources.find(lab.presets[beside].spec), beside))


def ways_on(lab: Lab, a: Run | None, run: Run) -> None:
    """Buttons for what comes next: another seed, something changed, or a comparison."""
    st.button("Again with another seed", lab.key("again"), on_click=_again, args=(lab, run))
    if a is None or a.spec != run.spec:
        st.button("Change one thing and compare", lab.key("compare"), on_click=pin, args=(lab, run))
    if name := lab.preset(run.spec):
        beside = lab.presets[name].beside
        other = resources.find(lab.presets[beside].spec)
        if other and (a is None or a.spec != other.spec):
            label = f"Compare with «{beside}»"
            st.button(label, lab.key("beside"), on_click=pin, args=(lab, other))
    if a:
        ways_back(lab, a, run.spec)


def _again(lab: Lab, run: Run) -> None:
    """Train the same with the next seed; this run is A."""
    pin(lab, run)
    spec = replace(run.spec, seed=experiment.next_seed(run.spec.seed))
    st.session_state[lab.key("seed")] = spec.seed
    if resources.find(spec) is None:
        train(spec)
