"""Files of answers: csv, xlsx, sav and parquet as people really export them."""

from custlib.survey.reading.responses import missing_reasons, read_raw, read_responses

__all__ = ["missing_reasons", "read_raw", "read_responses"]
