import unittest

from shortlink.web import Problem, Request, Response, Router


class RouterTest(unittest.TestCase):
    def setUp(self):
        self.router = Router()
        self.router.add("GET", "/{code}", lambda request, code: Response(200, {"code": code}))
        self.router.add("GET", "/about", lambda request: Response(200, {"about": True}))
        self.router.add("POST", "/echo", lambda request: Response(200, request.json()))

    def test_a_literal_path_wins_over_a_parameter(self):
        self.assertEqual(self.router.answer(Request("GET", "/about")).body, {"about": True})
        self.assertEqual(self.router.answer(Request("GET", "/other")).body, {"code": "other"})

    def test_an_unknown_path_is_404_in_json(self):
        answer = self.router.answer(Request("GET", "/a/b"))
        self.assertEqual(answer.status, 404)
        self.assertIn("/a/b", answer.body["error"])

    def test_a_problem_becomes_an_answer(self):
        def refuse(request):
            raise Problem(409, "taken")

        self.router.add("PUT", "/about", refuse)
        answer = self.router.answer(Request("PUT", "/about"))
        self.assertEqual((answer.status, answer.body), (409, {"error": "taken"}))

    def test_a_body_must_be_a_json_object(self):
        for body in (b"", b"{", b"[1]", b"\xff"):
            with self.subTest(body=body):
                self.assertEqual(self.router.answer(Request("POST", "/echo", body)).status, 400)
