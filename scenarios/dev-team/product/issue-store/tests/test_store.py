import tempfile
import unittest
from pathlib import Path

from shortlink.__main__ import make
from shortlink.links import Links
from shortlink.store import FileStore


class StoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "links"

    def test_links_are_there_after_a_restart(self):
        link = Links(FileStore(self.path)).add("https://example.com/ä")
        self.assertEqual(Links(FileStore(self.path)).find(link.code), link)

    def test_counts_are_there_after_a_restart(self):
        links = Links(FileStore(self.path))
        code = links.add("https://example.com").code
        links.follow(code)
        again = Links(FileStore(self.path))
        self.assertEqual(again.find(code).followed, 1)
        self.assertEqual(again.add("https://example.com").code, code)

    def test_a_line_that_a_crash_cut_off_is_left_out(self):
        link = Links(FileStore(self.path)).add("https://example.com")
        with self.path.open("a") as file:
            file.write('{"code": "hal')
        links = Links(FileStore(self.path))
        self.assertEqual(links.find(link.code), link)
        links.add("https://example.com/next")
        self.assertEqual(len(list(FileStore(self.path).load())), 2)

    def test_a_file_that_holds_something_else_is_named(self):
        self.path.write_text("hello\nworld\n")
        with self.assertRaisesRegex(ValueError, "links:1: this is not a link"):
            Links(FileStore(self.path))

    def test_the_file_is_named_on_the_command_line(self):
        Links(FileStore(self.path)).add("https://example.com")
        with make(["--port", "0", "--store", str(self.path)]) as server:
            self.assertTrue(server.address)
