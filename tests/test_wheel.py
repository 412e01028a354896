"""What a user installs: the wheel carries the scenarios, and works without the checkout."""

import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel's contents, built without a network from the build tool that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], check=True, capture_output=True
    )
    (wheel,) = folder.glob("syncrig-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def run(unpacked, code, folder):
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_scenario_that_came_with_it_loads_by_name(unpacked, tmp_path):
    code = "import fakes; from fakes.kit.scenario import load; print(fakes.__file__, load('acme').path)"

    package, path = run(unpacked, code, tmp_path).split()

    assert package.startswith(str(unpacked))
    assert path == str(unpacked / "fakes" / "scenarios" / "acme" / "scenario.yaml")


def test_a_world_is_built_from_its_own_data(unpacked, tmp_path):
    code = "from fakes.world import World; w = World.build(); print(len(w.org.schema.names()) > 10); w.close()"

    assert run(unpacked, code, tmp_path) == "True"


def test_a_starter_project_is_copied_from_it(unpacked, tmp_path):
    run(unpacked, "from fakes.cli import main; main(['new', 'mine'])", tmp_path)

    assert list((tmp_path / "mine").rglob("*.feature"))
