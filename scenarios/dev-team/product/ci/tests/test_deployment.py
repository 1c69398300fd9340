import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent


class DeploymentTest(unittest.TestCase):
    def test_the_procfile_starts_the_service_on_the_port_it_is_given(self):
        self.assertRegex(
            (ROOT / "Procfile").read_text(), re.compile(r"^web: python3 -m shortlink .*\$PORT", re.MULTILINE)
        )

    def test_every_pull_request_is_checked(self):
        workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
        self.assertIn("pull_request", workflow)
        self.assertIn("python3 -m unittest", workflow)
