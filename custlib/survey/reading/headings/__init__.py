"""Header rows of a table: who wrote them, and one head a column made of them."""

from custlib.survey.reading.headings.heading import ANSWER, Head, Heading
from custlib.survey.reading.headings.personal import PERSONAL
from custlib.survey.reading.headings.recognition import heading_of, heads_of_variables

__all__ = ["ANSWER", "PERSONAL", "Head", "Heading", "heading_of", "heads_of_variables"]
