"""The seed workloads by threads and queue.Queue.

exchange.py exchange N    N items, one after the other, there and back by two workers
exchange.py strings N     N strings, one way

Prints the nanoseconds of all N: those that the program had the processor, so that on one core other
programs do not count.
"""

import sys
import threading
import time
from queue import Queue


def exchange(n):
    there, back = Queue(1), Queue(1)

    def serve():
        for _ in range(n):
            back.put(there.get())

    server = threading.Thread(target=serve)
    server.start()
    start = time.process_time_ns()
    for _ in range(n):
        there.put("Data - 12345")
        back.get()
    end = time.process_time_ns()
    server.join()
    return end - start


def strings(n):
    pikas = ["Pika! " * i for i in range(1, 101)]
    queue = Queue(100)

    def receive():
        for _ in range(n):
            queue.get()

    receiver = threading.Thread(target=receive)
    receiver.start()
    start = time.process_time_ns()
    for i in range(n):
        queue.put(pikas[i % 100])
    receiver.join()
    return time.process_time_ns() - start


if __name__ == "__main__":
    work = {"exchange": exchange, "strings": strings}[sys.argv[1]]
    print(work(int(sys.argv[2])))
