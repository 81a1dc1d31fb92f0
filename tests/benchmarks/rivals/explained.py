"""A booster as MLflow users serve one: a pyfunc whose code is this file, explained by shap.

It is given the encoded features and answers the raw log-odds and a contribution a feature.
"""

import lightgbm as lgb
import mlflow
import numpy as np
import pandas as pd
import shap


class Explained(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.booster = lgb.Booster(model_file=context.artifacts["booster"])
        self.explainer = shap.TreeExplainer(self.booster)

    def predict(self, context, model_input, params=None):  # noqa: ARG002 - MLflow's protocol
        matrix = model_input.to_numpy(dtype=float)
        scores = self.booster.predict(matrix, raw_score=True)
        contributions = self.explainer.shap_values(matrix)
        columns = np.column_stack([scores, contributions])
        return pd.DataFrame(columns, columns=["log_odds", *model_input.columns])


mlflow.models.set_model(Explained())
