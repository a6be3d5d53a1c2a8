"""A worker in Python with the standard library alone: it takes the tasks of the resource "greet".

    NATS_URL=nats://127.0.0.1:4222 python3 worker.py
"""

import hashlib
import json
import time

from nats_text import Connection

RESOURCE, TENANT, NAMESPACE = "greet", "default", "default"
HASH7 = hashlib.sha256(RESOURCE.encode()).hexdigest()[:7]
CONSUMER = f"weft-{TENANT}-{NAMESPACE}-{HASH7}"
SECOND = 1_000_000_000  # JetStream counts in nanoseconds
OVER = ("InvalidStatus", "NotFound", "InvalidToken")  # the task has ended otherwise


class TaskFailed(Exception):
    """Fails the task: `Retry` and `Catch` of the workflow see the error's name."""

    def __init__(self, error, cause=""):
        super().__init__(cause)
        self.error = error


def greet(task):
    """What this worker is for: a task in, its output out. The same task may come twice, with the same taskId."""
    name = task["input"].get("name", "")
    if not name:
        raise TaskFailed("NoName", "Nobody to greet")
    return {"greeting": f"Hello, {name}"}


def ask(nats, subject, body):
    """A request to the engine; None where it was carried out, else the code of the refusal."""
    while True:
        reply = nats.request(f"weft.api.{TENANT}.{NAMESPACE}.{subject}", body)
        if reply.status == 503:  # nobody listens: the engine is being restarted
            time.sleep(1)
            continue
        if "Nats-Service-Error-Code" not in reply.headers:
            return None
        code = reply.json()["error"]["code"]
        if code not in ("Unavailable", "Internal"):
            return code
        time.sleep(1)


def make_consumer(nats):
    """All workers of a resource share one consumer. To make it again changes nothing."""
    config = {
        "durable_name": CONSUMER,
        "filter_subject": f"weft.task.{TENANT}.{NAMESPACE}.{HASH7}",
        "ack_policy": "explicit",
        "ack_wait": 30 * SECOND,
        "deliver_policy": "all",
        "max_deliver": -1,
        "max_ack_pending": 65_536,
    }
    subject = f"$JS.API.CONSUMER.DURABLE.CREATE.WEFT_TASKS.{CONSUMER}"
    made = nats.request(subject, {"stream_name": "WEFT_TASKS", "config": config}).json()
    if "error" in made:
        raise RuntimeError(made["error"]["description"])


def work(nats, message):
    """Does one task. It is acknowledged after the engine has its outcome, not before: whoever dies earlier leaves it to another worker."""
    task = message.json()
    if task["resource"] != RESOURCE:  # another one with the same hash: not ours
        return nats.publish(message.reply, b'-NAK {"delay":1000000000}')
    token = task["token"]
    if "timeoutSeconds" in task or "heartbeatSeconds" in task:
        if ask(nats, "tasks.activate", {"token": token}) in OVER:
            return nats.publish(message.reply, b"+ACK")
    with nats.lease(message):
        try:
            refused = ask(nats, "tasks.complete", {"token": token, "output": greet(task)})
            if refused in ("PayloadTooLarge", "InvalidArgument"):
                ask(nats, "tasks.fail", {"token": token, "error": "States.DataLimitExceeded", "cause": refused})
        except Exception as failure:
            error = failure.error if isinstance(failure, TaskFailed) else type(failure).__name__
            ask(nats, "tasks.fail", {"token": token, "error": error, "cause": str(failure)})
    nats.publish(message.reply, b"+ACK")


def main():
    nats = Connection()
    make_consumer(nats)
    print(f"Working on {RESOURCE}", flush=True)
    while True:
        pull = json.dumps({"batch": 1, "expires": 20 * SECOND}).encode()
        message = nats.request(f"$JS.API.CONSUMER.MSG.NEXT.WEFT_TASKS.{CONSUMER}", pull)
        if message.status in (404, 408):  # nothing to do within the 20 s
            continue
        if message.status is not None:  # 409, 503: the consumer has gone with the server's memory
            time.sleep(1)
            make_consumer(nats)
            continue
        work(nats, message)


if __name__ == "__main__":
    main()
