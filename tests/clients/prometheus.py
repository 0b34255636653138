"""Runs a Prometheus server on the loopback against a small exporter, and prints what its range query answers.

Usage: prometheus.py PROMETHEUS FOLDER. The exporter counts 20 requests a second and has a gauge that is NaN now and then. Writes
range.json (the rate of requests), counter.json (the raw counter) and error.json (a query that cannot be parsed).
"""

import http.server
import json
import math
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

prometheus, folder = sys.argv[1], sys.argv[2]
begun = time.time()


class Exporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        passed = time.time() - begun
        ratio = math.nan if int(passed) % 5 == 0 else 0.5
        body = f'http_requests_total{{job_kind="web"}} {int(20 * passed)}\nbusy_ratio {"NaN" if math.isnan(ratio) else ratio}\n'
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


exporter = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
threading.Thread(target=exporter.serve_forever, daemon=True).start()
port = free_port()
with open(f"{folder}/prometheus.yml", "w") as file:
    file.write(
        "global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: test\n    static_configs:\n"
        f'      - targets: ["127.0.0.1:{exporter.server_address[1]}"]\n'
    )
server = subprocess.Popen(
    [
        prometheus,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(query, start, end):
    words = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": 2})
    try:
        with opener.open(f"http://127.0.0.1:{port}/api/v1/query_range?{words}", timeout=5) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.read()


try:
    for _ in range(120):
        time.sleep(1)
        try:
            now = time.time()
            if len(json.loads(ask("http_requests_total", now - 40, now))["data"]["result"][0]["values"]) >= 12:
                break
        except (OSError, KeyError, IndexError, ValueError):
            continue
    now = time.time()
    # The range begins before the first sample: what is missing is absent.
    for name, query in [
        ("range.json", "rate(http_requests_total[6s])"),
        ("counter.json", "http_requests_total"),
        ("gauge.json", "busy_ratio"),
        ("error.json", "rate("),
    ]:
        with open(f"{folder}/{name}", "wb") as file:
            file.write(ask(query, now - 60, now))
finally:
    server.terminate()
    server.wait()
