"""Tells those who listen that something changed: alert ids and health words, never what they show.

Queues, and what happens when they are full, for the whole product:

==========================  ========  =================================================
queue                       bound     when full
==========================  ========  =================================================
frames -> inference         16 a slot the oldest waiting picture is dropped and counted
results -> intake           none      direct call: the loop waits, nothing is dropped
bus -> one listener         64        the oldest word is dropped, ``missed`` is told
==========================  ========  =================================================
"""

__all__ = ["MISSED", "Bus", "Subscription"]

import threading
from collections import deque
from collections.abc import Iterable

MISSED = "missed"
_BOUND = 64

Word = tuple[str, str]


class Subscription:
    """One listener's bounded queue. Use as a context manager."""

    def __init__(self, bus: "Bus", topics: frozenset[str]) -> None:
        self._bus = bus
        self.topics = topics
        self._words: deque[Word] = deque()
        self._ready = threading.Condition()
        self._missed = False
        self._closed = False

    def put(self, word: Word) -> None:
        with self._ready:
            if len(self._words) >= _BOUND:
                self._words.popleft()
                self._missed = True
            self._words.append(word)
            self._ready.notify()

    def next(self, timeout_s: float) -> Word | None:
        """The next word, or None when none came in time or the subscription was closed."""
        with self._ready:
            self._ready.wait_for(lambda: bool(self._words) or self._closed, timeout=timeout_s)
            if self._missed:
                self._missed = False
                return (MISSED, "")
            return self._words.popleft() if self._words else None

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._bus.leave(self)
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Bus:
    """Thread-safe; a slow listener never slows the one who speaks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Subscription] = []

    def subscribe(self, topics: Iterable[str]) -> Subscription:
        subscription = Subscription(self, frozenset(topics))
        with self._lock:
            self._listeners.append(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._listeners:
                self._listeners.remove(subscription)

    def publish(self, topic: str, text: str) -> None:
        with self._lock:
            listeners = [s for s in self._listeners if topic in s.topics]
        for listener in listeners:
            listener.put((topic, text))

    def close(self) -> None:
        """End every subscription: the product is stopping."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.close()
