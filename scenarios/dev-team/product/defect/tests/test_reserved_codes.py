import unittest

from tests.service import Service


class ReservedCodesTest(unittest.TestCase):
    def test_a_code_that_was_given_can_be_followed(self):
        """Found by asking for the service's own words: whoever is told 201 must get there."""
        with Service() as service:
            for code in ("talk", "health", "links", "Health"):
                with self.subTest(code=code):
                    made = service.request("PUT", f"/links/{code}", {"url": "https://example.com/talk"})
                    if made.status == 201:
                        self.assertEqual(service.request("GET", f"/{code}").status, 302)
                    else:
                        self.assertIn(made.status, (400, 409))
