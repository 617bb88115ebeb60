# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures: the guests that tests share, and what must hold after each test.

guest     each of the four kernels in turn, booted once (--kernel selects)
recorded  the same kernels, each a recorded guest, see recording.py
stub      stub(), stub("11.1") serves that one without a QEMU, see stub.py
variant   variant("pti") or variant("pti", kernel="5.10") or variant(cpus=4)
          boots a guest of another kind; the last two are kept for later tests
          of its group
qvmi      qvmi(guest, "maps", 1), see qvmi.py

With pytest-xdist, tests that share a guest run in one worker: those of one
kernel, and those of one variant, which are marked @pytest.mark.variant(NAME).
"""

import pytest

import guest as vm
import recording
import sanitizer
from qvmi import Qvmi, binary
from sanitizer import no_sanitizer_report, sanitizer_reports  # noqa: F401
from stub import Stub
from tally import (Tally, add_options, mark_counting,
                   tally)  # noqa: F401 (a fixture)

# Guests that differ from the default one, by name.
VARIANTS = {
    "pti": {"append": "pti=on qvmi.spin=1"},
    "escape": {"append": "qvmi.escape=1"},
    "compat": {"append": "qvmi.spin32=1"},
    "la57": {"cpu": "max", "kernel": "6.12"},
    "nokaslr": {"append": "nokaslr"},
    "smp4": {"cpus": 4},
    "busy4": {"cpus": 4, "append": "qvmi.spin=4"},
    "split-pc": {"mem": "4G"},
    "split-q35": {"mem": "4G", "machine": "q35"},
    "numa": {"cpus": 2, "extra": (
        "-object", "memory-backend-ram,id=m0,size=256M",
        "-object", "memory-backend-ram,id=m1,size=256M",
        "-numa", "node,memdev=m0,cpus=0", "-numa", "node,memdev=m1,cpus=1")},
    "many": {"append": "qvmi.procs=2000", "mem": "1G"},
    "nested": {"kernel": "6.1-amd64", "cpu": "max,la57=off",
               "append": "qvmi.scenes=0 qvmi.nested=1"},
    "storm": {"cpus": 4, "append": "qvmi.storm=4"},
    "names": {"append": "qvmi.names=1500 secretmem.enable=1"},
    "dax": {"append": "qvmi.scenes=0 qvmi.dax=1 memmap=64M!256M"},
    "tcp": {"gdb": "tcp"},
    "distro": {"kernel": "6.1-amd64", "mem": "256M", "disk": True},
    "prelaunch": {"paused": True, "wait": False},
    "firmware": {"kernel": None, "wait": False},
    "broken": {},
    "slid": {},
    "no-linux": {"kernel": None, "boot": "bootsector", "wait": False},
    "code": {"kernel": None, "boot": "bootsector_code", "wait": False},
    "code-kvm": {"kernel": None, "boot": "bootsector_code", "wait": False,
                 "accel": "kvm"},
    "32-bit": {"kernel": None, "boot": "bootsector32", "wait": False},
    "pae": {"kernel": None, "boot": "bootsector_pae", "wait": False},
    "linux-pae": {"kernel": "6.1-686-pae",
                  "append": "rdinit=/bin/ia32 -- tell"},
    "linux-32": {"kernel": "6.1-686", "append": "rdinit=/bin/ia32 -- tell"},
}

# What takes long beside the tests of each kernel, the longest first: parts of
# the names of groups, see group_of().
LONG = ("recorded", "test_signals", "test_faults", "storm", "kernels", "distro",
        "test_bad_input", "many", "names", "split", "test_runstates",
        "test_fresh", "test_rights", "nested", "test_valgrind")


class Fleet:
    """The guests that run now, started ahead where that helps."""

    def __init__(self, kernels):
        self.kernels = kernels
        self.shared = {}
        self.variants = {}

    def start(self, kernel):
        """Boot a shared guest, without waiting for it."""
        old = self.shared.get(kernel)
        if not old or not old.alive():
            self.shared[kernel] = vm.Guest(kernel, wait=False)
        return self.shared[kernel]

    def get(self, kernel, ahead):
        """A shared guest that is ready; the next one may boot meanwhile."""
        guest = self.start(kernel)
        after = self.kernels.index(kernel) + 1
        if ahead and after < len(self.kernels):
            self.start(self.kernels[after])
        return guest.wait_booted()

    def variant(self, name=None, held=(), **kw):
        """A guest of VARIANTS[name] with KW on top of it; two are kept, and
        those that are held."""
        kw = {**VARIANTS.get(name, {}), **kw}
        key = repr(sorted(kw.items()))
        guest = self.variants.pop(key, None)
        if not guest or not guest.alive():
            free = [guest for guest in self.variants.values()
                    if guest not in held]
            for guest in free[:max(0, len(self.variants) - 1)]:
                self.drop(guest)
            guest = vm.Guest(**kw)
        self.variants[key] = guest
        return guest

    def drop(self, guest):
        """End a variant that would not let others have the machine."""
        for key in [key for key, kept in self.variants.items()
                    if kept is guest]:
            self.variants.pop(key).close()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item, nextitem):
        """No variant outlives its group: many never idle, and would take the
        machine from all that comes until others are booted in their place."""
        yield
        if (hasattr(item.config, "workerinput") and nextitem
                and group_of(nextitem) != group_of(item)):
            for guest in list(self.variants.values()):
                self.drop(guest)

    def close(self):
        """End all of them."""
        for guest in [*self.shared.values(), *self.variants.values()]:
            guest.close()


def pytest_addoption(parser):
    parser.addoption("--kernel", action="append", choices=vm.KERNELS,
                     help="test on this kernel (default: all of them)")
    add_options(parser)


def pytest_configure(config):
    config.pluginmanager.register(LongFirst())
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally())


def selected_kernels(config):
    """The kernels to test on."""
    return config.getoption("--kernel") or vm.KERNELS


def pytest_generate_tests(metafunc):
    kernels = selected_kernels(metafunc.config)
    if metafunc.definition.get_closest_marker("any_kernel"):
        kernels = ["6.1"] if "6.1" in kernels else kernels[:1]
    for name in ("booted", "recorded", "storm"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, kernels, indirect=True,
                                 scope="session")


def deselect_kernels(config, items):
    """--kernel also holds where a test names its kernels itself."""
    kernels = selected_kernels(config)
    others = [item for item in items if hasattr(item, "callspec")
              and item.callspec.params.get("kernel", kernels[0])
              not in kernels]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


def group_of(item):
    """What is run in one worker, one after the other: what shares a guest.
    Recorded guests take no boot, so they are apart; and a module with tests on
    any kernel takes one of its own rather than hold one worker up."""
    marker = item.get_closest_marker("variant")
    group = marker.args[0] if marker else item.module.__name__
    params = item.callspec.params if hasattr(item, "callspec") else {}
    kernel = next((params[name] for name in ("recorded", "booted", "storm",
                                             "kernel") if name in params),
                  None)
    if not kernel:
        return group
    if item.get_closest_marker("any_kernel") or marker:
        return f"{kernel} {group}"
    return f"{kernel} recorded" if "recorded" in params else kernel


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    deselect_kernels(config, items)
    for item in items:
        group = group_of(item)
        if config.getoption("--long"):  # or one worker has it all
            group += " " + item.module.__name__
        item.add_marker(pytest.mark.xdist_group(group))
    sanitizer.skip_unsanitized(items, binary())
    mark_counting(items)


class LongFirst:
    """Groups are handed out in the order of their first tests: long ones go
    first, so that in the end no worker is alone with one of them. Pytest has
    put the tests of one guest together by then."""

    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(config, items):
        """All tests of a group have its place."""
        if not hasattr(config, "workerinput"):
            return
        groups = {item: item.get_closest_marker("xdist_group").args[0]
                  for item in items}
        places = {group: i for i, group in enumerate(dict.fromkeys(
            groups.values()))}

        def place(item):
            group = groups[item]
            length = next((i for i, name in enumerate(LONG)
                           if name in group.split()), len(LONG))
            return group not in vm.KERNELS, length, places[group]

        items.sort(key=place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    Qvmi.binary = sanitizer.choose(item, binary())


@pytest.fixture(scope="session")
def fleet(pytestconfig):
    """All guests of this test process."""
    guests = Fleet(selected_kernels(pytestconfig))
    pytestconfig.pluginmanager.register(guests)
    yield guests
    pytestconfig.pluginmanager.unregister(guests)
    guests.close()


@pytest.fixture(scope="session")
def booted(request, fleet):
    """The shared guest of one kernel; tests use `guest`."""
    yield fleet.get(request.param, ahead=not hasattr(request.config,
                                                     "workerinput"))
    fleet.shared.pop(request.param).close()


@pytest.fixture
def hand_out():
    """Gives a test its guest, and afterwards checks that it is unharmed."""
    def hand_out_guest(guest):
        hand_out_guest.used.setdefault(guest, guest.status())
        return guest

    hand_out_guest.used = {}
    yield hand_out_guest
    for guest, status in hand_out_guest.used.items():
        try:
            guest.assert_unharmed(status)
        except BaseException:
            guest.close()  # the next test gets a new one
            raise


@pytest.fixture
def guest(booted, fleet, hand_out):
    """Each kernel in turn, running and ready."""
    return hand_out(fleet.get(booted.kernel, ahead=False))


@pytest.fixture
def variant(fleet, hand_out):
    """Boots other guests: variant(NAME, **options of vm.Guest)."""
    return lambda name=None, **kw: hand_out(
        fleet.variant(name, held=hand_out.used, **kw))


@pytest.fixture(scope="session")
def storm(request, fleet):
    """Each kernel in turn, in a guest that never stands still."""
    guest = fleet.variant("storm", kernel=request.param)
    yield guest
    fleet.drop(guest)


@pytest.fixture(scope="session")
def recorded(request):
    """Each kernel in turn, as the directory of its recorded guest."""
    return recording.recording(request.param)


@pytest.fixture(scope="session")
def servers():
    """Stub servers that run, by what they were started with."""
    started = {}
    yield started
    for server in started.values():
        server.close()


@pytest.fixture
def stub(recorded, servers):
    """Plays a stub with the recorded guest: stub(GENERATION, **options)."""
    def play(generation="7.2", **kw):
        key = (recorded, *sorted(kw.items()))
        if key not in servers:
            servers[key] = Stub(recorded, **kw)
        servers[key].tell("reset")
        servers[key].tell(f"be {generation}")
        return servers[key]
    return play


@pytest.fixture(scope="session")
def qvmi(tmp_path_factory):
    """Runs qvmi; its cache and its journal last as long as the tests."""
    return Qvmi(tmp_path_factory.mktemp("cache"),
                tmp_path_factory.mktemp("state"))
