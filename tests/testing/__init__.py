"""Tests of the embedded SIP server, with raw sockets, SIPp and baresip at the other end."""
