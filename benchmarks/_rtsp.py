"""Clips served as live RTSP cameras by GStreamer, for benchmarks: each viewer gets its own, from the beginning.

Run with Debian's own Python, which has the bindings (packages gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good
and -bad): ``/usr/bin/python3 _rtsp.py PORT NAME=CLIP...``. Prints ``ready`` once it listens on 127.0.0.1."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def main() -> None:
    port, *named = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    for words in named:
        name, _, clip = words.partition("=")
        factory = GstRtspServer.RTSPMediaFactory()
        chain = f"( filesrc location={clip} ! qtdemux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
        factory.set_launch(chain)
        server.get_mount_points().add_factory(f"/{name}", factory)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
