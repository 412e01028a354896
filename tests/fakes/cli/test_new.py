"""`fakes new`."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from fakes.cli.new import new

runner = CliRunner()


def test_makes_a_project_whose_feature_passes(tmp_path):
    folder = tmp_path / "mine"

    result = runner.invoke(new, [str(folder)])
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "--strict-markers"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.exit_code == 0
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


@pytest.mark.parametrize(
    "name", ["README.md", "Makefile", ".github/workflows/features.yml", "scenarios/team/scenario.yaml"]
)
def test_it_has_what_a_project_needs(tmp_path, name):
    runner.invoke(new, [str(tmp_path / "mine")])

    assert (tmp_path / "mine" / name).is_file()


def test_an_empty_folder_is_taken(tmp_path):
    assert runner.invoke(new, [str(tmp_path)]).exit_code == 0


def test_a_folder_with_something_in_it_is_refused_in_one_line_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    result = runner.invoke(new, [str(tmp_path)])

    assert result.exit_code == 2
    assert "is not empty; name a folder that is empty or does not exist yet" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_refused(tmp_path):
    file = tmp_path / "file"
    file.touch()

    assert runner.invoke(new, [str(file)]).exit_code == 2
