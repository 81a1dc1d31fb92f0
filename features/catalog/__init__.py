"""The features, by theme; a new one is declared in its theme's file and nowhere else."""

from features.catalog.sets import FeatureSet, feature_set

__all__ = ["FeatureSet", "feature_set"]
