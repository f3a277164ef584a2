"""Ready structures: the paths of the European and the American customer satisfaction index."""

from collections.abc import Iterable

from custlib.errors import ParameterError, did_you_mean

Structure = dict[str, tuple[str, ...]]  # what each construct acts on
ACSI: Structure = {
    "expectation": ("quality", "value", "satisfaction"),
    "quality": ("value", "satisfaction"),
    "value": ("satisfaction",),
    "satisfaction": ("complaints", "loyalty"),
    "complaints": ("loyalty",),
}
ECSI: Structure = {"image": ("expectation", "satisfaction", "loyalty")} | ACSI


def ecsi_paths(blocks: Iterable[str]) -> list[tuple[str, str]]:
    """Paths of the European Customer Satisfaction Index among the constructs that were asked.

    Parameters
    ----------
    blocks : mapping from construct to items, or names of constructs
        Among image, expectation, quality, value, satisfaction, complaints, loyalty, in any case.

    Returns
    -------
    list of (from, to), spelt as in `blocks`
        All twelve where every construct is there; a construct not asked takes its paths along.

    Raises
    ------
    ParameterError
        A name is no construct of the model, satisfaction is absent, or nothing explains it.

    Notes
    -----
    Assumes: the European order: image comes first and acts on expectations, satisfaction and
    loyalty; the rest is as in the American index.

    Not for: a model without image (`acsi_paths`), or effects set beside those of a survey that
    asked for other constructs: without one its paths go too, and another model is left.

    References
    ----------
    Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M. & Lauro, C. (2005). Computational Statistics
    & Data Analysis 48:159–205. doi:10.1016/j.csda.2004.03.005

    Examples
    --------
    >>> ecsi_paths(["image", "satisfaction", "loyalty"])
    [('image', 'satisfaction'), ('image', 'loyalty'), ('satisfaction', 'loyalty')]
    """
    return _among(blocks, ECSI, "ECSI")


def acsi_paths(blocks: Iterable[str]) -> list[tuple[str, str]]:
    """Paths of the American Customer Satisfaction Index among the constructs that were asked.

    Parameters
    ----------
    blocks : mapping from construct to items, or names of constructs
        Among expectation, quality, value, satisfaction, complaints, loyalty; there is no image.

    Returns
    -------
    list of (from, to), spelt as in `blocks`
        All nine where every construct is there; a construct not asked takes its paths along.

    Raises
    ------
    ParameterError
        A name is no construct of the model, satisfaction is absent, or nothing explains it.

    Notes
    -----
    Assumes: the order of the American index: satisfaction follows expectations, quality and value,
    and comes before complaints and loyalty.

    Not for: a model that asks for an image of the firm (`ecsi_paths`), or paths picked because they
    fit: what data chose only new data can test.

    References
    ----------
    Fornell, C., Johnson, M., Anderson, E., Cha, J. & Bryant, B. (1996). J. Marketing 60(4):7–18.

    Examples
    --------
    >>> acsi_paths(["Quality", "Satisfaction"])
    [('Quality', 'Satisfaction')]
    """
    return _among(blocks, ACSI, "ACSI")


def _among(blocks: Iterable[str], structure: Structure, model: str) -> list[tuple[str, str]]:
    spelt = {str(name).casefold(): name for name in blocks}
    known = [*structure, "loyalty"]
    strangers = [name for folded, name in spelt.items() if folded not in known]
    if strangers:
        raise ParameterError.because(
            f"No construct of the {model}: {', '.join(map(repr, strangers))}.",
            f"Expected names among: {', '.join(known)}.",
            did_you_mean(strangers[0], known, otherwise="Rename the block, or leave it out."),
        )
    causes = [name for name, acts_on in structure.items() if "satisfaction" in acts_on]
    if "satisfaction" not in spelt or not spelt.keys() & set(causes):
        raise ParameterError.because(
            f"The blocks are: {', '.join(map(repr, spelt.values())) or 'none'}.",
            f"Expected satisfaction and at least one cause of it: {', '.join(causes)}.",
            "Add the block that is missing, or write paths of your own.",
        )
    asked = [(a, b) for a in structure for b in structure[a] if a in spelt and b in spelt]
    return [(spelt[a], spelt[b]) for a, b in asked]
