"""The brief, point by point, against the running service."""

import tempfile
import threading
import unittest
from pathlib import Path

from shortlink.links import Links
from shortlink.store import FileStore
from tests.service import Service


class AcceptanceTest(unittest.TestCase):
    def test_from_a_long_address_to_a_short_one_and_back(self):
        with Service() as service:
            made = service.request("POST", "/links", {"url": "https://example.com/long/way?a=1&b=%20#end"})
            self.assertEqual(made.status, 201)
            self.assertEqual(
                service.request("GET", made.body["short"]).location, "https://example.com/long/way?a=1&b=%20#end"
            )
            stats = service.request("GET", f"/links/{made.body['code']}/stats")
            self.assertEqual(stats.body["followed"], 1)

    def test_a_refusal_says_why_in_json(self):
        with Service() as service:
            for body in ({"url": "gopher://example.com"}, {"address": "https://example.com"}, b"not json", b""):
                with self.subTest(body=body):
                    answer = service.request("POST", "/links", body)
                    self.assertEqual((answer.status, answer.type), (400, "application/json"))
                    self.assertTrue(answer.body["error"])

    def test_links_and_counts_survive_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "links"
            with Service(Links(FileStore(path))) as service:
                short = service.request("POST", "/links", {"url": "https://example.com"}).body["short"]
                service.request("GET", short)
            with Service(Links(FileStore(path))) as service:
                self.assertEqual(service.request("GET", short).status, 302)
                self.assertEqual(service.request("GET", f"/links{short}/stats").body["followed"], 2)

    def test_many_at_once_get_one_code_for_one_address(self):
        codes = []
        with Service() as service:

            def ask():
                codes.append(service.request("POST", "/links", {"url": "https://example.com"}).body["code"])

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual((len(codes), len(set(codes))), (8, 1))

    def test_a_chosen_code_is_not_given_to_another(self):
        with Service() as service:
            self.assertEqual(service.request("PUT", "/links/talk", {"url": "https://example.com/1"}).status, 201)
            self.assertEqual(service.request("PUT", "/links/talk", {"url": "https://example.com/2"}).status, 409)
            self.assertEqual(service.request("GET", "/talk").location, "https://example.com/1")
