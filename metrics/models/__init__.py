from metrics.models.indicators import Frequency, Indicator, IndicatorKind, IndicatorQuerySet
from metrics.models.measurements import (
    EntryChannel,
    Measurement,
    MeasurementFile,
    MeasurementQuerySet,
)
from metrics.models.process import Annotation, Rebase
from metrics.models.trajectories import TrajectoryPoint, TrajectoryVersion

__all__ = [
    "Annotation",
    "EntryChannel",
    "Frequency",
    "Indicator",
    "IndicatorKind",
    "IndicatorQuerySet",
    "Measurement",
    "MeasurementFile",
    "MeasurementQuerySet",
    "Rebase",
    "TrajectoryPoint",
    "TrajectoryVersion",
]
