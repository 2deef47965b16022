"""A sound file served as a live RTSP microphone by GStreamer, for tests. Run with Debian's own Python, which has the
bindings: ``/usr/bin/python3 rtsp_microphone.py FILE PORT CODEC``. Prints ``ready`` once it listens."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

CODECS = {
    "pcma": "alawenc ! rtppcmapay",
    "l16": "audioconvert ! rtpL16pay",
    "opus": "audioresample ! opusenc ! rtpopuspay",
}


def main() -> None:
    path, port, codec = sys.argv[1:4]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    rate = ",rate=8000" if codec == "pcma" else ""
    chain = f"filesrc location={path} ! wavparse ! audioconvert ! audioresample ! audio/x-raw,channels=1{rate}"
    factory.set_launch(f"( {chain} ! {CODECS[codec]} name=pay0 pt=97 )")
    server.get_mount_points().add_factory("/quay", factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
