import unittest

from tests.service import Service


class LoopTest(unittest.TestCase):
    """A link never leads back to the service itself: whoever followed it would go round for ever."""

    def test_its_own_address_is_refused_however_it_is_written(self):
        with Service() as service:
            port = service.server.server_port
            for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}", f"localhost.:{port}"):
                with self.subTest(host=host):
                    answer = service.request("POST", "/links", {"url": f"http://{host}/abc"})
                    self.assertEqual(answer.status, 400)
                    self.assertIn("back", answer.body["error"])

    def test_the_name_it_was_asked_by_is_its_own(self):
        with Service() as service:
            named = {"Host": "short.example"}
            for url in ("http://short.example/a", "https://short.example:443/a", "http://user@SHORT.example:80"):
                with self.subTest(url=url):
                    self.assertEqual(service.request("POST", "/links", {"url": url}, named).status, 400)

    def test_another_port_of_the_same_machine_is_another_service(self):
        with Service() as service:
            other = service.server.server_port - 1
            self.assertEqual(service.request("POST", "/links", {"url": f"http://127.0.0.1:{other}/"}).status, 201)
