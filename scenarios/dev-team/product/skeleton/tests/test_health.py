import unittest

from shortlink import __version__, features
from shortlink.links import Links
from shortlink.web import Request


class HealthTest(unittest.TestCase):
    def setUp(self):
        self.router = features.router(Links())

    def test_health_says_ok_and_the_version(self):
        answer = self.router.answer(Request("GET", "/health"))
        self.assertEqual((answer.status, answer.body), (200, {"status": "ok", "version": __version__}))

    def test_health_can_only_be_read(self):
        answer = self.router.answer(Request("DELETE", "/health"))
        self.assertEqual(answer.status, 405)
        self.assertIn("GET", answer.headers["Allow"])
