"""Pictures from phones, made anew: turned upright, smaller, without place, camera or time in them. Pure.

What comes out holds dots only. Nothing of the file that was handed in is kept.
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 12 * 1024 * 1024
MOST_DOTS = 50_000_000
"""Width times height of what is looked at; beyond that a small file could fill the memory."""
LONGEST_SIDE = 1600
QUALITY = 78


class NotAPicture(ValueError):
    """The file cannot be kept. ``code`` says why: too_big, too_many_dots, unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Made:
    """A picture as it is kept: WebP, and its size in dots."""

    content: bytes
    width: int
    height: int


def make_anew(content: bytes) -> Made:
    """Return a picture made anew; raises NotAPicture."""
    if len(content) > MOST_BYTES:
        raise NotAPicture("too_big")
    try:
        return _made(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("too_many_dots") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPicture("unreadable") from error


def _made(content: bytes) -> Made:
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_DOTS:
            raise Image.DecompressionBombError
        opened.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = BytesIO()
    bare.save(out, "WEBP", quality=QUALITY, exif=b"", icc_profile=None, xmp=b"")
    return Made(out.getvalue(), *bare.size)
