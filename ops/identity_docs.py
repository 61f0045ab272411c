"""The document on the weights by which a child is recognised."""

from registry.identity.evidence import VERDICT_TEXTS, WEIGHTS


def render_identity_weights() -> str:
    """Return the table of every fact by which a child is recognised, and of other reasons."""
    lines = [
        "# Weights of identity\n\n",
        "Bits that a fact adds to the score of a pair of records (docs/identity.md). “+ rarity”:\n",
        "log2 of how rare the value is comes on top, at most so many bits.\n",
        "\n| reason | bits | + rarity | ground | as a clerk reads it |\n|---|---:|---:|---|---|\n",
    ]
    for evidence, weight in WEIGHTS.items():
        rarity = f"{weight.rarity_cap:g}" if weight.rarity_cap else ""
        lines.append(
            f"| `{evidence}` | {weight.bits:g} | {rarity} | {weight.why} | {weight.text_ru} |\n"
        )
    lines.append("\n| reason beside the facts | as a clerk reads it |\n|---|---|\n")
    lines += [f"| `{verdict}` | {text} |\n" for verdict, text in VERDICT_TEXTS.items()]
    return "".join(lines)
