"""Everything that is known of a run before its kernel starts; cheap, so mistakes show at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custlib.study.catalogue import Study, find_study, project_root
from custlib.study.manifest import Declared
from custlib.study.parameters.cell import ParameterCell
from custlib.study.parameters.declaration import read_parameters
from custlib.study.parameters.inputs import Inputs, find_inputs
from custlib.study.parameters.values import resolve
from custlib.study.run import identity


@dataclass(frozen=True)
class Plan:
    """A study with checked parameters and hashed inputs, and the id that its run will have."""

    study: Study
    cell: ParameterCell
    inputs: Inputs
    root: Path
    id: str
    slug: str
    notebook_sha256: str
    library_sha256: str

    @property
    def folder_name(self) -> str:
        """Name of the run's folder: what was changed, and the head of the id."""
        return f"{self.slug}-{self.id[:8]}"

    @property
    def code_state(self) -> str:
        """What a kernel of this run imports."""
        return identity.code_state(self.library_sha256, self.root)


def plan_study(
    study: str | Path | Study,
    parameters: Mapping[str, Any] | None = None,
    *,
    texts: Mapping[str, Any] | None = None,
    root: Path | None = None,
    folder: Path | None = None,
    library: str | None = None,
) -> Plan:
    """Plan of a run: everything checked that can be checked without a kernel.

    Parameters
    ----------
    study : str, Path or Study
        Name of a study, or path of any notebook with a cell tagged `parameters`.
    parameters, texts : mapping, optional
        Values by name, as JSON's types, or as texts to be converted by the declared type.
    root : Path, optional
        Project in whose root the study runs.
    folder : Path, optional
        Where paths that were given are looked up from; the working directory unless given.
    library : str, optional
        Hash of the library where the caller, who plans many runs, has it.

    Returns
    -------
    Plan

    Raises
    ------
    StudyError, ParameterError
        The study or its parameters cannot be used.
    """
    root = (root or project_root()).resolve()
    study = study if isinstance(study, Study) else find_study(study, root)
    cell = read_parameters(study)
    values = resolve(cell, parameters, texts=texts)
    given = {*(parameters or ()), *(texts or ())}
    inputs = find_inputs(study, cell, values, given=given, root=root, folder=folder or Path.cwd())
    source, library = identity.notebook_sha256(study), library or identity.library_sha256()
    return Plan(
        study=study,
        cell=cell,
        inputs=inputs,
        root=root,
        id=identity.run_id(
            notebook=source,
            parameters=inputs.recorded,
            data=inputs.files,
            library=library,
            lock=identity.lock_sha256(root),
            python=identity.python_version(),
        ),
        slug=identity.slug_of(inputs.recorded, cell.defaults),
        notebook_sha256=source,
        library_sha256=library,
    )


def told_of(study: Study, cell: ParameterCell, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What a record tells that the notebook and the values of its parameters alone decide."""
    seed = recorded.get("seed")
    return {
        "study": study.name,
        "question": study.question,
        "slug": identity.slug_of(recorded, cell.defaults),
        "changed": identity.changed_names(recorded, cell.defaults),
        "declared": {
            one.name: Declared(default=one.default, meaning=one.meaning, limits=one.limits)
            for one in cell
        },
        "seed": seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
    }
