# SPDX-License-Identifier: BSD-2-Clause
"""What is on a terminal, as a picture: of `tmux capture-pane -e -p`, an SVG."""

import html
import re

WIDTH, HEIGHT, SIZE = 8, 17, 14  # of a cell, of letters
COLOURS = ("#1d1f21", "#cc6666", "#8fbf5f", "#d9a441", "#6f9fd8", "#b294bb",
           "#5fb5b5", "#c5c8c6", "#767676", "#ff7b72", "#b5e07f", "#f0c674",
           "#8ab4f8", "#d2a8ff", "#8be0e0", "#ffffff")
PAPER, INK = COLOURS[0], COLOURS[7]


def palette(number):
    """One of the 256 colours of xterm."""
    if number < 16:
        return COLOURS[number]
    if number >= 232:
        return f"#{(number - 232) * 10 + 8:02x}" + 2 * (
            f"{(number - 232) * 10 + 8:02x}")
    levels = (0, 95, 135, 175, 215, 255)
    rest = number - 16
    return "#" + "".join(f"{levels[rest // step % 6]:02x}"
                         for step in (36, 6, 1))


class Style:
    """What SGR sequences (ECMA-48, 8.3.117) have set so far."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.ink = self.paper = None
        self.bold = self.reverse = False

    def take(self, codes):
        """One sequence: its numbers."""
        codes = list(codes)
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 22):
                self.bold = code == 1
            elif code in (7, 27):
                self.reverse = code == 7
            elif code in (38, 48) and codes[:1] == [5]:
                self.set(code == 38, palette(codes[1]))
                del codes[:2]
            elif code in (39, 49):
                self.set(code == 39, None)
            elif 30 <= code <= 37 or 40 <= code <= 47:
                self.set(code < 40, COLOURS[code % 10])
            elif 90 <= code <= 97 or 100 <= code <= 107:
                self.set(code < 100, COLOURS[8 + code % 10])

    def set(self, ink, colour):
        if ink:
            self.ink = colour
        else:
            self.paper = colour

    def colours(self):
        """(of letters, of what is behind them)"""
        ink, paper = self.ink or INK, self.paper or PAPER
        if self.bold and ink in COLOURS[:8]:
            ink = COLOURS[COLOURS.index(ink) + 8]
        return (paper, ink) if self.reverse else (ink, paper)


def runs(line, style):
    """(column, letters, ink, paper) of all that look the same."""
    column = 0
    for part in re.split(r"(\x1b\[[\d;]*m|\x0e|\x0f)", line):
        if part.startswith("\x1b"):
            style.take(int(code or 0) for code in part[2:-1].split(";"))
        elif part and part not in "\x0e\x0f":
            yield (column, part, *style.colours())
            column += len(part)


def put_run(x, y, letters, ink, paper):
    shapes = []
    if paper != PAPER:
        shapes.append(f'<rect x="{x}" y="{y}" width="{WIDTH * len(letters)}" '
                      f'height="{HEIGHT}" fill="{paper}"/>')
    begin = len(letters) - len(letters.lstrip())
    letters = letters.strip()
    if letters:
        shown = letters.replace(" ", "\u00a0")  # which nobody collapses
        shapes.append(
            f'<text x="{x + begin * WIDTH}" y="{y + HEIGHT - 4}" '
            f'textLength="{WIDTH * len(letters)}" fill="{ink}">'
            f"{html.escape(shown, False)}</text>")
    return shapes


def svg(shot, columns, title):
    """A picture of what was captured, so many columns wide."""
    lines = shot.rstrip("\n").split("\n")
    style = Style()
    shapes = [shape for row, line in enumerate(lines)
              for column, *run in runs(line, style)
              for shape in put_run(WIDTH * (column + 1),
                                   HEIGHT * row + HEIGHT // 2, *run)]
    width, height = WIDTH * (columns + 2), HEIGHT * (len(lines) + 1)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} '
        f'{height}" role="img" xml:space="preserve" font-family="monospace" '
        f'font-size="{SIZE}">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>',
        *shapes, "</svg>", ""])
