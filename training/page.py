"""An account as one HTML page that needs no network, and as the model card in the same words."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.rows import Table
from training.sections import Section

# The pictures' words for those who cannot see them.
ALT = {
    "reliability": "Observed share of offences against risk, in ten bins",
    "gain": "Share of offences found against share inspected",
    "precision_by_month": "Precision at 5 % and 10 % inspected, by month",
    "contributions": "Contribution of each feature to each score",
    "importance": "Mean size of each feature's contribution",
}


def page(title: str, sections: Iterable[Section], pictures: Mapping[str, bytes]) -> str:
    """Print an account as HTML.

    Parameters
    ----------
    pictures : PNG files by name; each becomes part of the page.
    """
    environment = Environment(
        loader=PackageLoader("training", ""), autoescape=True, undefined=StrictUndefined
    )
    shown = {name: _data_uri(picture) for name, picture in pictures.items()}
    template = environment.get_template("page.html.jinja")
    return template.render(title=title, sections=list(sections), pictures=shown, alt=ALT)


def _data_uri(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"


def card(title: str, sections: Iterable[Section], *, tables: bool = True) -> str:
    """Print an account as Markdown, without its pictures."""
    parts = [f"# {title}"]
    for section in sections:
        words = [*section.paragraphs]
        if tables:
            words += [_markdown(table) for table in section.tables]
        if words:
            parts += [f"## {section.title}", *words]
    return "\n\n".join(parts) + "\n"


def _markdown(table: Table) -> str:
    lines = [table.header, ("---",) * len(table.header), *table.rows]
    cells = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return "\n".join([f"*{table.caption}*", "", *cells])
