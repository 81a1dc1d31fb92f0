"""The features, by theme; a new one is declared in its theme's file and nowhere else."""

from features.catalog.sets import RECORDS, FeatureSet, families, feature_set

__all__ = ["RECORDS", "FeatureSet", "families", "feature_set"]
