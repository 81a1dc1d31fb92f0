import numpy as np
import pytest

from models import fit_model
from tests.models.synthetic import FEATURES, QUICK, some_examples


@pytest.fixture(scope="session")
def examples():
    return some_examples()


@pytest.fixture(scope="session")
def model(examples):
    return fit_model(FEATURES, examples, QUICK, np.random.default_rng(0))


@pytest.fixture(scope="session")
def later():
    """Records the model has not seen."""
    return some_examples(800, seed=7)
