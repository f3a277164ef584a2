"""Files on the disk: a write that fails leaves what was there."""

from pathlib import Path

import pytest

from custlib.places import put_file


def test_a_write_that_breaks_off_leaves_the_former_bytes_and_nothing_beside_them(
    tmp_path, monkeypatch
):
    page = tmp_path / "page.html"
    put_file(page, b"former")
    whole = Path.write_bytes

    def half(path, content):
        whole(path, content[: len(content) // 2])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space left"):
        put_file(page, b"the latter")
    assert page.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [page]


def test_a_reader_who_has_the_former_file_open_reads_it_to_its_end(tmp_path):
    page = tmp_path / "page.html"
    put_file(page, b"former")
    with page.open("rb") as reader:
        put_file(page, b"the latter")
        assert reader.read() == b"former"
    assert page.read_bytes() == b"the latter"
