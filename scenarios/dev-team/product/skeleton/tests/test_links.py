import unittest

from shortlink.links import ALPHABET, LENGTH, Links


class LinksTest(unittest.TestCase):
    def test_the_same_address_gets_the_same_code(self):
        links = Links()
        first = links.add("https://example.com/a")
        self.assertEqual(links.add("https://example.com/a").code, first.code)
        self.assertNotEqual(links.add("https://example.com/b").code, first.code)

    def test_codes_are_short_and_cannot_be_misread(self):
        code = Links().add("https://example.com").code
        self.assertEqual(len(code), LENGTH)
        self.assertLessEqual(set(code), set(ALPHABET))

    def test_following_counts(self):
        links = Links()
        code = links.add("https://example.com").code
        links.follow(code)
        links.follow(code)
        self.assertEqual(links.find(code).followed, 2)

    def test_an_unknown_code_is_nothing(self):
        self.assertIsNone(Links().find("nope"))
        self.assertIsNone(Links().follow("nope"))
