"""Act 1: a newcomer's command fills an empty store with the worked example, once, and serves it on this machine."""

import os
import subprocess
import sys
import urllib.request

import pytest

from tests.tools.running import ROOT

pytestmark = pytest.mark.e2e


def demo(store, folder, *arguments):
    env = {**os.environ, "ESSAIM_STORE": str(store), "ESSAIM_FOLDER": str(folder), "ESSAIM_LANGUAGE": "en"}
    command = [sys.executable, "-m", "pages.admin.demo", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.accepts("11.1")
def test_one_command_fills_the_store_and_serves_it(app):
    said = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "pages.admin.demo --if-empty" in said
    assert "streamlit run app.py --server.address 127.0.0.1 --server.port 8501" in said
    assert "http://127.0.0.1:8501" in said
    with urllib.request.urlopen(f"{app.url}/health/ready", timeout=10) as answer:
        assert answer.status == 200


def test_a_store_that_holds_anything_is_left_alone_and_that_is_said(example, tmp_path):
    store = tmp_path / "essaim.duckdb"
    store.write_bytes(example.read_bytes())

    again = demo(store, tmp_path, "--if-empty")
    asked = demo(store, tmp_path)

    assert (again.returncode, asked.returncode) == (0, 2)
    assert "already holds data" in again.stdout
    assert "only fills an empty store" in asked.stderr
    assert len(asked.stderr.splitlines()) == 1
