from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
import pytest

from features.errors import TidewaiterError
from features.home import Home
from models import Examples
from tests.models.synthetic import FEATURES, QUICK, some_examples
from training import tuning
from training.tuning import Tuning, folds_of, suggested

FAST = replace(QUICK, max_trees=8, num_leaves=7)


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        self.seconds += 1.0
        return self.seconds


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").prepare()


@pytest.fixture(scope="module")
def examples():
    return some_examples(800)


def tune(home, examples, seconds, settings=FAST, **options):
    search = Tuning(home, seconds / 60, clock=Ticking(), **options)
    return search.best(FEATURES, examples, settings)


def trials(home):
    storage = f"sqlite:///{home.path / 'tuning.db'}"
    [name] = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=name, storage=storage).trials


def test_no_fold_is_judged_by_what_it_could_have_learnt_from(examples):
    folds = list(folds_of(examples))
    assert len(folds) == len(tuning.FOLDS)
    for fold in folds:
        begin = fold.future.table["known_at"].min()
        assert (fold.past.table["known_at"] < begin).all()
        assert (fold.past.labels["label_known_at"] < begin).all()
    rows = [index for fold in folds for index in fold.future.table.index]
    assert len(rows) == len(set(rows))
    assert max(rows) == examples.table.index.max()


def test_the_first_trial_is_of_the_settings_given_and_the_best_is_returned(home, examples):
    best = tune(home, examples, seconds=25)
    done = [one for one in trials(home) if one.state is optuna.trial.TrialState.COMPLETE]
    assert done[0].params == {name: getattr(FAST, name) for name in done[0].params}
    winner = max(done, key=lambda trial: trial.value)
    assert best == replace(FAST, **winner.params)
    assert len(trials(home)) > len(done[:1])


def test_a_stopped_search_goes_on_where_it_was(home, examples):
    tune(home, examples, seconds=10)
    before = [trial.params for trial in trials(home)]
    tune(home, examples, seconds=10)
    after = [trial.params for trial in trials(home)]
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_other_records_are_another_search(home, examples):
    tune(home, examples, seconds=8)
    tune(home, some_examples(800, seed=5), seconds=8)
    names = optuna.get_all_study_names(f"sqlite:///{home.path / 'tuning.db'}")
    assert len(names) == 2


def test_without_time_for_one_trial_the_settings_stay(home, examples):
    assert tune(home, examples, seconds=2) == FAST


def test_progress_never_exceeds_the_whole(home, examples):
    told = []
    tune(home, examples, seconds=10, progress=lambda what, share: told.append((what, share)))
    assert told[0][0] == "tuning, trial 1"
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_a_period_without_offences_is_refused(home, examples):
    clear = Examples(examples.table, examples.labels.assign(outcome=False))
    with pytest.raises(TidewaiterError, match="got 0 offences among 800"):
        tune(home, clear, seconds=10)


def test_what_is_searched_holds_the_settings_given():
    trial = optuna.trial.FixedTrial({**vars(FAST)})
    assert all(getattr(FAST, name) == value for name, value in suggested(trial).items())


def test_folds_are_weighted_as_examples_are(home):
    """Doubling the weight of every record changes nothing."""
    examples = some_examples(600)
    heavy = Examples(examples.table, examples.labels.assign(weight=2.0))
    pd.testing.assert_index_equal(examples.table.index, heavy.table.index)
    values = []
    for which, one in enumerate((examples, heavy)):
        place = Home(home.path / str(which)).prepare()
        tune(place, one, seconds=8)
        values.append([trial.value for trial in trials(place)])
    np.testing.assert_allclose(values[0], values[1])
