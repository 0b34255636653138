"""Puts three hours of request counts into a CloudWatch (moto's server) and prints what its clients hand out.

Usage: cloudwatch.py ENDPOINT FOLDER. Writes statistics.json (get-metric-statistics, unordered), data-1.json and data-2.json (two pages of
get-metric-data, descending). Every tenth minute has no datapoint; minute i has 100 + i requests.
"""

import datetime
import json
import random
import sys

import boto3

endpoint, folder = sys.argv[1], sys.argv[2]
start = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
client = boto3.client("cloudwatch", endpoint_url=endpoint)
minutes = [minute for minute in range(180) if minute % 10 != 9]
random.Random(1).shuffle(minutes)
for begin in range(0, len(minutes), 20):
    client.put_metric_data(
        Namespace="Test",
        MetricData=[
            {
                "MetricName": "RequestCount",
                "Timestamp": start + datetime.timedelta(minutes=minute),
                "Value": 100 + minute,
                "Unit": "Count",
            }
            for minute in minutes[begin : begin + 20]
        ],
    )


def write(name, answer):
    answer.pop("ResponseMetadata", None)
    with open(f"{folder}/{name}", "w") as file:
        json.dump(answer, file, default=lambda instant: instant.isoformat(), indent=1)


span = {"StartTime": start, "EndTime": start + datetime.timedelta(hours=3)}
answer = client.get_metric_statistics(
    Namespace="Test", MetricName="RequestCount", Period=60, Statistics=["Sum", "Average"], **span
)
# The order of datapoints is not promised; a server that sorts them must not hide that.
random.Random(2).shuffle(answer["Datapoints"])
write("statistics.json", answer)
for page, (begin, end) in enumerate([(90, 180), (0, 90)], 1):
    write(
        f"data-{page}.json",
        client.get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "requests",
                    "MetricStat": {
                        "Metric": {"Namespace": "Test", "MetricName": "RequestCount"},
                        "Period": 60,
                        "Stat": "Sum",
                    },
                }
            ],
            StartTime=start + datetime.timedelta(minutes=begin),
            EndTime=start + datetime.timedelta(minutes=end),
            ScanBy="TimestampDescending",
        ),
    )
