"""Where a study's answers come from: a data set of the project, or a user's own file."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from custlib.datasets.catalogue import folders, load
from custlib.errors import DataError, ParameterError
from custlib.survey.codebook.book import Codebook
from custlib.survey.codebook.parts import text_in


@dataclass(frozen=True, slots=True)
class SurveySource:
    """A file of answers, the codebook that decodes it, and what a reader must be told of both."""

    path: Path
    codebook: Codebook
    title: str
    simulated: bool

    def table(self, name: str, *, file: str | None = None) -> pd.DataFrame | None:
        """A second table, such as the tasks of an experiment; None where there is none.

        The user's own csv `file` where one is named, else the table of this name that lies beside
        the answers of a data set of the project.
        """
        path = self.path.parent / f"{name}.csv" if file is None else Path(file)
        if file is None and (self.path.parent not in folders().values() or not path.exists()):
            return None
        if not path.exists():
            raise DataError.because(
                f"There is no file {path.name}.",
                f"Expected the table {name.replace('_', ' ')!r}, a csv.",
                "Correct the path, or leave it out.",
            )
        return pd.read_csv(path)


def survey_source(data: str | None, *, codebook: str | None, default: str) -> SurveySource:
    """The user's own file where one is named, else a data set of the project.

    Parameters
    ----------
    data : str or None
        Path of a file of answers, or the name of a data set; None takes `default`.
    codebook : str or None
        Path of the codebook of that file; with the data set, its own codebook unless given.
    default : str
        Name of a data set, see `list_datasets`.

    Returns
    -------
    SurveySource
        path, codebook, title, simulated (false for a user's own file).

    Raises
    ------
    ParameterError
        A file without a codebook, or an unknown data set.
    CodebookError
        The codebook cannot be read.

    Examples
    --------
    >>> survey_source(None, codebook=None, default="steel_survey").simulated
    True
    """
    if data is None or data in folders():
        dataset = load(data or default)
        book = dataset.codebook if codebook is None else Codebook.read(codebook)
        return SurveySource(
            dataset.path(), book, dataset.card.title, dataset.card.kind == "simulated"
        )
    if codebook is None:
        raise ParameterError.because(
            f"data is {Path(data).name}, and there is no codebook.",
            "Expected the codebook of the file, which names its items and their scales.",
            "Pass codebook=<file>.yaml; data/housing/codebook.yaml is a short one to imitate.",
        )
    book = Codebook.read(codebook)
    title = text_in(book.title, "en", Path(data).name)
    return SurveySource(Path(data), book, title, simulated=False)
