"""What the commands that import a sheet say on a terminal."""

SHOWN = 50  # lines of each part


def tell_part(out, title, lines):
    """A title with a number, and the first of its lines."""
    out.write(f"{title}: {len(lines)}")
    for line in lines[:SHOWN]:
        out.write(f"  {line}")
    if len(lines) > SHOWN:
        out.write(f"  and {len(lines) - SHOWN} more")
