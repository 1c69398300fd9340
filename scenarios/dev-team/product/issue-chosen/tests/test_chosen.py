import json
import unittest

from shortlink import features
from shortlink.links import Links
from shortlink.web import Request


class ChosenTest(unittest.TestCase):
    def setUp(self):
        self.links = Links()
        self.router = features.router(self.links)

    def put(self, code, url="https://example.com/talk"):
        return self.router.answer(Request("PUT", f"/links/{code}", json.dumps({"url": url}).encode()))

    def test_a_user_can_choose_the_code(self):
        answer = self.put("talk")
        self.assertEqual((answer.status, answer.body), (201, {"code": "talk", "short": "/talk"}))
        self.assertEqual(self.links.find("talk").url, "https://example.com/talk")

    def test_choosing_the_same_again_changes_nothing(self):
        self.assertEqual(self.put("talk").body, self.put("talk").body)

    def test_a_code_that_leads_elsewhere_is_not_taken_over(self):
        self.put("talk")
        self.assertEqual(self.put("talk", "https://example.com/other").status, 409)
        self.assertEqual(self.links.find("talk").url, "https://example.com/talk")

    def test_a_code_must_be_easy_to_write(self):
        for code in ("a b", "ä", "a" * 33, "a.b"):
            with self.subTest(code=code):
                self.assertEqual(self.put(code).status, 400)

    def test_the_address_is_checked_as_for_any_link(self):
        self.assertEqual(self.put("talk", "ftp://example.com").status, 400)
