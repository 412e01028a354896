"""One connection, transactions that are all or nothing, images to come back to."""

import threading

import pytest

from fakes.kit.database import Database


@pytest.fixture(params=["memory", "file"])
def database(request, tmp_path):
    database = Database(tmp_path / "state.db" if request.param == "file" else None)
    database.connection.execute("CREATE TABLE note (text TEXT)")
    yield database
    database.close()


def notes(database):
    return [row["text"] for row in database.connection.execute("SELECT text FROM note ORDER BY rowid")]


def test_a_transaction_that_ends_is_kept(database):
    with database.transaction() as rows:
        rows.execute("INSERT INTO note VALUES ('kept')")

    assert notes(database) == ["kept"]


def test_a_transaction_that_fails_leaves_nothing(database):
    with pytest.raises(ValueError, match="no"), database.transaction() as rows:
        rows.execute("INSERT INTO note VALUES ('lost')")
        raise ValueError("no")

    assert notes(database) == []


def test_an_inner_transaction_that_fails_undoes_only_its_own_part(database):
    with database.transaction() as rows:
        rows.execute("INSERT INTO note VALUES ('outer')")
        with pytest.raises(ValueError, match="no"), database.transaction():
            rows.execute("INSERT INTO note VALUES ('inner')")
            raise ValueError("no")

    assert notes(database) == ["outer"]


def test_an_image_brings_back_what_was_there_as_often_as_wanted(database):
    with database.transaction() as rows:
        rows.execute("INSERT INTO note VALUES ('first')")
    image = database.image()

    for _ in range(2):
        with database.transaction() as rows:
            rows.execute("INSERT INTO note VALUES ('second')")
        database.load(image)
        assert notes(database) == ["first"]
    image.close()


def test_threads_take_turns(database):
    def add(number):
        for _ in range(20):
            with database.transaction() as rows:
                rows.execute("INSERT INTO note VALUES (?)", (str(number),))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(notes(database)) == 80


def test_a_file_survives(tmp_path):
    first = Database(tmp_path / "state.db")
    first.connection.execute("CREATE TABLE note (text TEXT)")
    first.connection.execute("INSERT INTO note VALUES ('kept')")
    first.close()

    second = Database(tmp_path / "state.db")

    assert notes(second) == ["kept"]
    second.close()
