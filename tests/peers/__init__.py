"""Real peers for tests: Kamailio, SIPp, baresip, PulseAudio and an RTP watcher, each a process of its own.

Every peer listens on loopback with ports of its own, keeps its output in a folder of its own, waits for
what it can observe rather than for time to pass, and is stopped by its process id alone.
"""
