import threading

from vitrail.runtime.bus import MISSED, Bus


def test_a_listener_hears_only_its_topics() -> None:
    bus = Bus()
    with bus.subscribe(["alert"]) as alerts:
        bus.publish("health", "cam1")
        bus.publish("alert", "a1")
        assert alerts.next(0.1) == ("alert", "a1")
        assert alerts.next(0.0) is None


def test_a_slow_listener_loses_the_oldest_words_and_is_told() -> None:
    bus = Bus()
    with bus.subscribe(["alert"]) as slow:
        for n in range(100):
            bus.publish("alert", str(n))
        assert slow.next(0) == (MISSED, "")
        assert slow.next(0) == ("alert", "36")


def test_closing_the_bus_wakes_who_waits() -> None:
    bus = Bus()
    subscription = bus.subscribe(["alert"])
    heard: list[object] = []
    waiter = threading.Thread(target=lambda: heard.append(subscription.next(30)))
    waiter.start()
    bus.close()
    waiter.join(5)
    assert heard == [None] and subscription.closed


def test_one_who_left_is_not_told_any_more() -> None:
    bus = Bus()
    subscription = bus.subscribe(["alert"])
    subscription.close()
    bus.publish("alert", "a1")
    assert subscription.next(0) is None
