import unittest
from unittest import mock

from shortlink.__main__ import main, make
from shortlink.server import MAX_BODY
from tests.service import Service


class ServerTest(unittest.TestCase):
    def test_answers_are_json_over_http(self):
        with Service() as service:
            answer = service.request("GET", "/health")
            self.assertEqual((answer.status, answer.type), (200, "application/json"))
            self.assertEqual(service.request("HEAD", "/health").status, 200)

    def test_a_body_that_is_too_large_is_not_read(self):
        with Service() as service:
            answer = service.request("POST", "/links", headers={"Content-Length": str(MAX_BODY + 1)})
            self.assertEqual(answer.status, 413)

    def test_a_length_that_is_no_number_is_refused(self):
        with Service() as service:
            self.assertEqual(service.request("POST", "/links", headers={"Content-Length": "many"}).status, 400)


class CommandTest(unittest.TestCase):
    def test_the_port_is_taken_from_the_command_line(self):
        with make(["--port", "0"]) as server:
            self.assertRegex(server.address, r"^http://127\.0\.0\.1:\d+$")

    def test_ctrl_c_ends_it_in_order(self):
        interrupted = mock.patch("shortlink.server.Server.serve_forever", side_effect=KeyboardInterrupt)
        with interrupted, mock.patch("builtins.print") as told:
            self.assertEqual(main(["--port", "0"]), 0)
        told.assert_called_once()
