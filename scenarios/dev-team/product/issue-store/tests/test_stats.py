import unittest

from shortlink import features
from shortlink.links import Links
from shortlink.web import Request


class StatsTest(unittest.TestCase):
    def setUp(self):
        self.links = Links()
        self.router = features.router(self.links)

    def test_stats_say_how_often_and_since_when(self):
        link = self.links.add("https://example.com")
        self.links.follow(link.code)
        answer = self.router.answer(Request("GET", f"/links/{link.code}/stats"))
        self.assertEqual(answer.status, 200)
        self.assertEqual((answer.body["followed"], answer.body["made"]), (1, link.made))

    def test_looking_at_the_stats_does_not_count(self):
        code = self.links.add("https://example.com").code
        for _ in range(3):
            answer = self.router.answer(Request("GET", f"/links/{code}/stats"))
        self.assertEqual(answer.body["followed"], 0)

    def test_an_unknown_code_has_no_stats(self):
        self.assertEqual(self.router.answer(Request("GET", "/links/nope/stats")).status, 404)
