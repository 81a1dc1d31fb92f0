"""Choose how to fit by Optuna, on folds of the training period in the order of time.

Each trial fits as a training does, on what was known before a fold began, and is judged by the
labelled records of that fold. Nothing outside the examples given is seen. Trials are kept in the
home, so that a stopped search goes on where it was, as long as records and features are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import optuna
import pandas as pd
from sklearn.metrics import average_precision_score

from features.catalog import FeatureSet
from features.errors import TidewaiterError
from features.home import Home
from models import Examples, FitSettings, fit_model
from models.fitting import Progress, silent
from models.growing import ONE_MACHINE, Grower
from training.dataset import fingerprint_of_data

# Folds begin at these quantiles of the training period and end where the next one begins.
FOLDS = (0.5, 0.67, 0.84)
_NO_OFFENCE_HEADS = 2**31


@dataclass(frozen=True)
class Fold:
    """What is fitted on, and the later records that judge the fit."""

    past: Examples
    future: Examples


@dataclass(frozen=True)
class Tuning:
    """A search for settings within a time budget.

    Attributes
    ----------
    minutes : after which no further fit begins.
    clock : seconds, ascending.
    """

    home: Home
    minutes: float
    progress: Progress = silent
    grower: Grower = ONE_MACHINE
    clock: Callable[[], float] = time.monotonic

    def best(self, features: FeatureSet, examples: Examples, settings: FitSettings) -> FitSettings:
        """Find the settings whose fits rank later records best, those given among them.

        Raises
        ------
        TidewaiterError
            When no fold of the examples holds both outcomes before it and in it.
        """
        folds = tuple(folds_of(examples))
        if not folds:
            raise TidewaiterError(
                f"tuning expected offences and clear results throughout the training period, "
                f"got {int(examples.outcome().sum())} offences among {len(examples)} labelled rows"
            )
        study = self._study(features, examples, settings)
        end = self.clock() + 60 * self.minutes
        judge = _Judge(features, folds, settings, self, end)
        if not study.trials:
            study.enqueue_trial({name: getattr(settings, name) for name in _searched(settings)})
        while (left := end - self.clock()) > 0:
            study.optimize(judge, n_trials=1, timeout=left)
        done = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
        return replace(settings, **study.best_params) if done else settings

    def _study(
        self, features: FeatureSet, examples: Examples, settings: FitSettings
    ) -> optuna.Study:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        about = (
            features.fingerprint,
            fingerprint_of_data(examples),
            sorted(asdict(settings).items()),
        )
        return optuna.create_study(
            storage=f"sqlite:///{self.home.path / 'tuning.db'}",
            study_name=f"{features.subject}-{sha256(repr(about).encode()).hexdigest()[:16]}",
            load_if_exists=True,
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=settings.seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        )


@dataclass(frozen=True)
class _Judge:
    """Gives a trial the mean average precision of its fits, fold by fold."""

    features: FeatureSet
    folds: tuple[Fold, ...]
    settings: FitSettings
    tuning: Tuning
    end: float

    def __call__(self, trial: optuna.Trial) -> float:
        settings = replace(self.settings, **suggested(trial))
        found: list[float] = []
        for step, fold in enumerate(self.folds):
            self._tell(trial)
            found.append(self._precision(fold, settings))
            trial.report(float(np.mean(found)), step)
            more = step + 1 < len(self.folds)
            if more and (trial.should_prune() or self.tuning.clock() >= self.end):
                raise optuna.TrialPruned
        return float(np.mean(found))

    def _tell(self, trial: optuna.Trial) -> None:
        left = self.end - self.tuning.clock()
        share = 1 - left / (60 * self.tuning.minutes)
        self.tuning.progress(f"tuning, trial {trial.number + 1}", min(max(share, 0.0), 1.0))

    def _precision(self, fold: Fold, settings: FitSettings) -> float:
        only_overall = replace(settings, offence_positives=_NO_OFFENCE_HEADS)
        random = np.random.default_rng(settings.seed)
        model = fit_model(self.features, fold.past, only_overall, random, grower=self.tuning.grower)
        log_odds = model.score(fold.future.table).frame["log_odds"]
        return float(
            average_precision_score(
                fold.future.outcome(), log_odds, sample_weight=fold.future.weight
            )
        )


def folds_of(examples: Examples) -> Iterator[Fold]:
    """Cut examples in the order of time, leaving out folds that could not be fitted or judged."""
    known_at = examples.table["known_at"].sort_values()
    begins = [known_at.iloc[int(share * len(known_at))] for share in FOLDS] if len(known_at) else []
    for begin, end in zip(begins, [*begins[1:], pd.Timestamp.max.tz_localize("UTC")], strict=True):
        later = examples.since(begin)
        fold = Fold(
            examples.known_before(begin),
            later.take((later.table["known_at"] < end).to_numpy()),
        )
        if _both(fold.past) and _both(fold.future):
            yield fold


def _both(examples: Examples) -> bool:
    found = examples.outcome()
    return bool(found.any() and not found.all())


def suggested(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
    """Let a trial choose among the settings that matter most."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.2, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 7, 127, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 5, 60, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.3, 1.0),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 20.0, log=True),
        "cat_smooth": trial.suggest_float("cat_smooth", 1.0, 50.0, log=True),
        "cat_l2": trial.suggest_float("cat_l2", 0.5, 20.0, log=True),
    }


def _searched(settings: FitSettings) -> tuple[str, ...]:
    """Name what `suggested` chooses."""
    trial = optuna.trial.FixedTrial(asdict(settings))
    return tuple(suggested(trial))
