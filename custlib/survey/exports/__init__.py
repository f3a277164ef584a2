"""Exports of survey platforms: what wrote a table of answers, and what each column of it asks."""

from custlib.survey.exports.table import Export, ExportColumn, read_export

__all__ = ["Export", "ExportColumn", "read_export"]
