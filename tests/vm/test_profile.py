# SPDX-License-Identifier: BSD-2-Clause
"""Symbols and types: from memory, from the cache, from files; never mixed."""

import re
import shutil
import zlib

import pytest

from sessions import users


def stats(done):
    """The numbers and words of the --stats line."""
    line = done.stderr.splitlines()[-1].decode()
    assert line.startswith("stats: ")
    return dict(pair.split("=") for pair in line[7:].split())


def ps(guest, qvmi, *args, cache=None, **kw):
    """(users' lines, stats) of `ps`, with a cache of its own if given."""
    env = {"XDG_CACHE_HOME": str(cache)} if cache else None
    done = qvmi(guest, "ps", "--stats", *args, env=env, **kw)
    return users(done.stdout), stats(done)


def files(cache):
    return sorted((cache / "qvmi").glob("*.qvmi"))


def test_second_attach_reads_no_tables(guest, qvmi, tmp_path):
    guest.stop()  # all find the same state
    cold_text, cold = ps(guest, qvmi, cache=tmp_path)
    (tmp_path / "qvmi" / "places").unlink()
    warm_text, warm = ps(guest, qvmi, cache=tmp_path)
    (tmp_path / "qvmi" / "places").unlink()
    again = ps(guest, qvmi, cache=tmp_path)[1]
    guest.cont()
    assert cold["profile"] == "guest" and warm["profile"] == "cache"
    assert cold_text == warm_text
    # kallsyms and BTF together are more than 5 MB; what is left is `ps`.
    assert int(cold["read_bytes"]) > 5 << 20
    assert int(warm["read_bytes"]) < 1 << 20
    for key in ("batches", "packets", "read_bytes"):
        assert again[key] == warm[key]


def test_cache_file(guest, qvmi, tmp_path):
    ps(guest, qvmi, cache=tmp_path)
    made = files(tmp_path)
    assert len(made) == 1
    assert made[0].stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "qvmi").stat().st_mode & 0o777 == 0o700


def test_no_cache(guest, qvmi, tmp_path):
    assert ps(guest, qvmi, "--no-cache", cache=tmp_path)[1][
        "profile"] == "guest"
    assert not (tmp_path / "qvmi").exists() or not files(tmp_path)


DAMAGE = {
    "truncated": lambda data: data[:len(data) // 2],
    "empty": lambda data: b"",
    "garbage": lambda data: bytes(len(data)),
    "symbols": lambda data: flip(data, len(data) // 4),
    "version": lambda data: flip(data, 8),
}


def flip(data, at):
    """The bytes with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def test_damaged_cache(guest, qvmi, tmp_path):
    """Whatever became of the file, the answer is right and it is rebuilt."""
    text, _ = ps(guest, qvmi, cache=tmp_path)
    for name, damage in DAMAGE.items():
        file = files(tmp_path)[0]
        file.write_bytes(damage(file.read_bytes()))
        got, how = ps(guest, qvmi, cache=tmp_path)
        assert (got, how["profile"]) == (text, "guest"), name
        assert ps(guest, qvmi, cache=tmp_path)[1]["profile"] == "cache", name


def test_damaged_types(guest, qvmi, tmp_path):
    """Types that no attach reads are checked before they are passed on."""
    text, _ = ps(guest, qvmi, cache=tmp_path)
    file = files(tmp_path)[0]
    file.write_bytes(flip(file.read_bytes(), -99 % file.stat().st_size))
    assert ps(guest, qvmi, cache=tmp_path)[0] == text
    done = qvmi(guest, "profile", "save", tmp_path / "saved", status=1,
                env={"XDG_CACHE_HOME": str(tmp_path)})
    assert b"damaged" in done.stderr
    assert not (tmp_path / "saved").exists()


def test_unusable_cache(guest, qvmi, tmp_path):
    """A cache that cannot be is worth a note."""
    (tmp_path / "qvmi").write_text("in the way")
    done = qvmi(guest, "ps", env={"XDG_CACHE_HOME": str(tmp_path)})
    assert b"note: " in done.stderr and b"init" in done.stdout


def test_deleted_cache(guest, qvmi, tmp_path):
    ps(guest, qvmi, cache=tmp_path)
    shutil.rmtree(tmp_path / "qvmi")
    assert ps(guest, qvmi, cache=tmp_path)[1]["profile"] == "guest"


def slide(guest, qvmi, *options, **kw):
    """How far KASLR has moved the kernel, and all that `info` says."""
    text = qvmi(guest, "info", *options, **kw).stdout.decode()
    return int(re.search(r"(?m)^KASLR offset: +(\S+)$", text)[1], 0), text


def moved(variant, qvmi):
    """A guest that KASLR has moved: one draw in some 480 moves nothing."""
    draws = (variant("slid", append=f"qvmi.draw={n}") for n in range(4))
    return next(guest for guest in draws if slide(guest, qvmi, "--no-cache")[0])


@pytest.mark.variant("nokaslr")
def test_same_kernel_elsewhere(variant, qvmi, tmp_path):
    """Another boot lies elsewhere; the cached profile fits all the same."""
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    slides = []
    for guest, source in ((moved(variant, qvmi), "guest"),
                          (variant("nokaslr"), "cache")):
        offset, text = slide(guest, qvmi, env=env)
        assert re.search(r"(?m)^Profile from: +" + source + "$", text)
        release = guest.run("uname -r").decode().strip()
        assert re.search(r"(?m)^Kernel: +" + re.escape(release) + "$", text)
        slides.append(offset)
    assert slides[0] and not slides[1]


@pytest.mark.variant("nokaslr")
def test_kernels_share_a_directory(variant, qvmi, tmp_path):
    """Each finds its own profile among those of others."""
    for source in ("guest", "cache"):
        for kernel in ("5.10", "6.12"):
            guest = variant("nokaslr", kernel=kernel)
            done = qvmi(guest, "info", "--stats",
                        env={"XDG_CACHE_HOME": str(tmp_path)})
            assert stats(done)["profile"] == source
            assert f"{kernel}.".encode() in done.stdout.splitlines()[0]
    assert len(files(tmp_path)) == 2


def image_of(guest):
    """The vmlinuz a guest was booted from."""
    return guest.argv[guest.argv.index("-kernel") + 1]


def test_vmlinuz(guest, qvmi):
    """Compressed as Debian does it; the slide is found by itself."""
    text, how = ps(guest, qvmi, "--profile", image_of(guest))
    assert how["profile"] == "file"
    assert text == ps(guest, qvmi)[0]


def test_vmlinuz_without_libarchive(guest, qvmi, tmp_path):
    """It is looked for where it is needed, and only there."""
    (tmp_path / "libarchive.so.13").write_bytes(b"")
    env = {"LD_LIBRARY_PATH": str(tmp_path)}
    done = qvmi(guest, "ps", "--profile", image_of(guest), env=env, status=1)
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1
    assert b"install it, or give a vmlinux: " in done.stderr
    assert str(tmp_path).encode() in done.stderr
    assert qvmi(guest, "ps", env=env).stderr == b""


def test_saved_profile(guest, qvmi, tmp_path):
    saved = tmp_path / "profile"
    qvmi(guest, "profile", "save", saved)
    text, how = ps(guest, qvmi, "--profile", saved)
    assert how["profile"] == "file"
    assert text == ps(guest, qvmi)[0]


def kallsyms(guest):
    """The guest's /proc/kallsyms, without modules, in one reply."""
    text = zlib.decompress(guest.run("gzip -1 -c /proc/kallsyms"),
                           wbits=zlib.MAX_WBITS | 16)
    return [line for line in text.decode().splitlines() if "[" not in line]


def system_map(guest, path):
    """What the build's System.map says, but for what kallsyms leaves out;
    from a guest without KASLR."""
    path.write_text("".join(line + "\n" for line in kallsyms(guest)))


@pytest.mark.variant("nokaslr")
@pytest.mark.parametrize("kernel", ["5.10", "6.1", "6.12", "7.2"])
def test_system_map(variant, qvmi, tmp_path, kernel):
    """Symbols from the file, types from memory; on a guest with KASLR."""
    file = tmp_path / "System.map"
    system_map(variant("nokaslr", kernel=kernel), file)
    slid = variant("slid", kernel=kernel)
    text, how = ps(slid, qvmi, "--profile", file)
    assert how["profile"] == "file"
    assert text == ps(slid, qvmi)[0]


@pytest.mark.variant("nokaslr")
def test_other_kernels_are_refused(variant, qvmi, tmp_path):
    guest, other = variant("nokaslr"), variant("nokaslr", kernel="6.12")
    saved, symbols = tmp_path / "saved", tmp_path / "System.map"
    qvmi(other, "profile", "save", saved)
    system_map(other, symbols)
    for file in (image_of(other), saved, symbols):
        done = qvmi(guest, "ps", "--profile", file, status=1)
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
        assert b"another kernel" in done.stderr and b"6.1.0" in done.stderr


def test_bad_files(guest, qvmi, tmp_path):
    junk = tmp_path / "junk"
    junk.write_bytes(bytes(range(256)) * 64)
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    half = tmp_path / "half"
    with open(image_of(guest), "rb") as image:
        half.write_bytes(image.read(1 << 20))
    for file in (junk, empty, half, tmp_path, tmp_path / "missing"):
        done = qvmi(guest, "ps", "--profile", file, status=None)
        assert done.returncode in (1, 4), file
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1, file
        assert str(file).encode() in done.stderr


def test_symbols_are_right(guest, qvmi):
    """A sample of all symbols against the guest's own kallsyms."""
    names = ["init_task", "linux_banner", "_stext", "schedule", "vfs_read",
             "init_pid_ns", "jiffies_64", "__per_cpu_offset", "swap_info",
             "modules", "start_kernel", "current_task"]
    own = {}
    for line in kallsyms(guest):
        address, _, name = line.split()[:3]
        own.setdefault(name, set()).add(int(address, 16))
    for name in filter(own.get, names):
        done = qvmi(guest, "walk", name, status=None).stdout.decode()
        said = re.search(r"(?m)^Address: +(0x[0-9a-f]+)", done)
        assert int(said[1], 16) in own[name], name
    assert len([name for name in names if name in own]) > 9
