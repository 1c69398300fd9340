import json
import unittest

from shortlink import features
from shortlink.addresses import LONGEST
from shortlink.links import Links
from shortlink.web import Request
from tests.service import Service


def post(router, url):
    return router.answer(Request("POST", "/links", json.dumps({"url": url}).encode()))


class ShortenTest(unittest.TestCase):
    def setUp(self):
        self.router = features.router(Links())

    def test_an_address_gets_a_code(self):
        answer = post(self.router, "https://example.com/a?b=c#d")
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.body["short"], f"/{answer.body['code']}")

    def test_the_same_address_gets_the_same_code_again(self):
        self.assertEqual(post(self.router, "https://example.com").body, post(self.router, "https://example.com").body)

    def test_a_code_leads_to_its_address(self):
        short = post(self.router, "https://example.com/a").body["short"]
        answer = self.router.answer(Request("GET", short))
        self.assertEqual((answer.status, answer.headers["Location"]), (302, "https://example.com/a"))

    def test_an_unknown_code_is_404(self):
        self.assertEqual(self.router.answer(Request("GET", "/nowhere")).status, 404)

    def test_only_http_and_https_are_taken(self):
        for url in ("ftp://example.com", "javascript:alert(1)", "example.com", "https://", "http://[", "", 7, None):
            with self.subTest(url=url):
                answer = post(self.router, url)
                self.assertEqual(answer.status, 400)
                self.assertTrue(answer.body["error"])

    def test_an_address_that_would_break_the_answer_is_refused(self):
        for url in (
            "https://example.com/\r\nSet-Cookie: a=b",
            "https://example.com/a b",
            "https://e.com/" + "a" * LONGEST,
        ):
            with self.subTest(url=url[:40]):
                self.assertEqual(post(self.router, url).status, 400)

    def test_it_works_over_http(self):
        with Service() as service:
            made = service.request("POST", "/links", {"url": "https://example.com/a"})
            answer = service.request("GET", made.body["short"])
            self.assertEqual((answer.status, answer.location), (302, "https://example.com/a"))
