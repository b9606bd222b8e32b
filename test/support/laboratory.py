"""Sends packets through the laboratory of kernel.ts and says where each one came out.

Standard library only. One process enters each namespace in turn to open its sockets there, then sends and receives
in one loop, so that a packet is counted before the next ones crowd it out.

    laboratory.py serve   stdin: a line of JSON about the links, then one for each batch of packets (see kernel.ts);
                          stdout: for each batch a line {"arrived": {...}, "answered": [...]}
    laboratory.py flow    stdin: one JSON object, then a line for each exchange; stdout: one word a line
"""

import base64
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
ETH_P_ALL = 3
IPV6_FREEBIND, IP_FREEBIND = 78, 15

libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    handle = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        if libc.setns(handle, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)
    finally:
        os.close(handle)


def serve(about):
    # One processor: a packet is through the firewall before the next one starts.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    watch = select.epoll()
    taps, senders, own_senders = {}, {}, {}

    def tap(listener, name, room):
        listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
        listener.setblocking(False)
        taps[listener.fileno()] = (listener, name)
        watch.register(listener.fileno(), select.EPOLLIN)

    for link in about["links"]:
        enter(link["namespace"])
        listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        listener.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        listener.bind((link["device"], ETH_P_ALL))
        tap(listener, link["name"], 1 << 26)
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        sender.bind((link["device"], 0))
        senders[link["name"]] = sender
    enter(about["firewall"])
    for link in about["links"]:
        for family, version in ((socket.AF_INET, 4), (socket.AF_INET6, 6)):
            out = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link["name"].encode())
            own_senders[(link["name"], version)] = out
    macs = {link["name"]: bytes.fromhex(link["firewallMac"].replace(":", "")) for link in about["links"]}
    own_macs = {link["name"]: bytes.fromhex(link["endMac"].replace(":", "")) for link in about["links"]}
    open_protocols = set()

    for line in sys.stdin:
        job = json.loads(line)
        for protocol in set(job["protocols"]) - open_protocols:
            open_protocols.add(protocol)
            for family in (socket.AF_INET, socket.AF_INET6):
                tap(socket.socket(family, socket.SOCK_RAW, protocol), "firewall", 1 << 24)
        run(job, watch, taps, senders, own_senders, macs, own_macs)


def run(job, watch, taps, senders, own_senders, macs, own_macs):
    ends = {}
    arrived, answered = {}, set()

    def receive(timeout):
        got = False
        for number, _ in watch.poll(timeout):
            listener, name = taps[number]
            while True:
                try:
                    data = listener.recv(65535)
                except BlockingIOError:
                    break
                got = True
                if name != "firewall":
                    data = data[14:]
                note(name, data)
        return got

    def note(name, data):
        source, destination, protocol, transport = dissect(data) if name != "firewall" else (None, None, 0, b"")
        at = data.find(b"RW")
        while at >= 0 and data[at + 6 : at + 8] != b"rw":
            at = data.find(b"RW", at + 1)
        if at >= 0:
            number = struct.unpack(">I", data[at + 2 : at + 6])[0]
            if number not in ends:
                return
            sent_from, sent_to = ends[number]
            if name != "firewall" and destination == sent_from and source != sent_from and protocol in (1, 58):
                if (source, destination) != (sent_from, sent_to) and is_error(protocol, transport):
                    answered.add(number)
                    return
            arrived.setdefault(number, [])
            if name not in arrived[number]:
                arrived[number].append(name)
        elif protocol == 6 and len(transport) >= 14 and transport[13] & 4:
            sequence, acknowledged = struct.unpack(">II", transport[4:12])
            number = (acknowledged if transport[13] & 16 else sequence) >> 10
            if number in ends and ends[number][0] == destination:
                answered.add(number)

    # What is left of an earlier batch is nobody's.
    receive(0)
    arrived.clear()
    pause = job.get("pause", 0)
    for index, (number, origin, via, mac, frames) in enumerate(job["packets"]):
        for encoded in frames:
            packet = base64.b64decode(encoded)
            version = packet[0] >> 4
            ends[number] = (packet[12:16], packet[16:20]) if version == 4 else (packet[8:24], packet[24:40])
            try:
                if origin == "firewall":
                    to = packet[16:20] if version == 4 else packet[24:40]
                    family = socket.AF_INET if version == 4 else socket.AF_INET6
                    own_senders[(via, version)].sendto(packet, (socket.inet_ntop(family, to), 0))
                else:
                    kind = b"\x08\x00" if version == 4 else b"\x86\xdd"
                    sender = bytes.fromhex(mac.replace(":", "")) if mac else own_macs[origin]
                    senders[origin].send(macs[origin] + sender + kind + packet)
            except OSError as problem:
                if problem.errno not in (1, 105):  # EPERM: the output hook dropped it; ENOBUFS
                    raise OSError(problem.errno, "packet %d: %s" % (number, problem.strerror))
        if pause:
            receive(0)
            time.sleep(pause)
        elif index % 16 == 15:
            receive(0)
    deadline = time.monotonic() + 5
    while receive(job.get("settle", 0.03)) and time.monotonic() < deadline:
        pass
    say(json.dumps({"arrived": arrived, "answered": sorted(answered)}))


def dissect(data):
    """Source, destination, protocol and what follows the IP headers."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        return data[12:16], data[16:20], data[9], data[(data[0] & 15) * 4 :]
    if len(data) >= 40 and data[0] >> 4 == 6:
        following, at = data[6], 40
        while following in (0, 43, 44, 60) and at + 8 <= len(data):
            length = 8 if following == 44 else (data[at + 1] + 1) * 8
            following, at = data[at], at + length
        return data[8:24], data[24:40], following, data[at:]
    return None, None, 0, b""


def is_error(protocol, transport):
    kinds = (3, 11) if protocol == 1 else (1, 3)
    return len(transport) > 8 and transport[0] in kinds and transport[8] >> 4 in (4, 6)


def flow(job):
    """A real connection between two namespaces that answers "open", "refused" or "timeout", then one word a line."""
    family = socket.AF_INET6 if ":" in job["source"] else socket.AF_INET
    kind = socket.SOCK_STREAM if job["protocol"] == "tcp" else socket.SOCK_DGRAM

    def make(namespace):
        enter(namespace)
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET:
            made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        made.settimeout(job["timeout"])
        return made

    server = make(job["to"])
    server.bind((job["destination"], job["destinationPort"]))
    client = make(job["from"])
    client.bind((job["source"], job["sourcePort"]))
    peer = server
    if job["protocol"] == "tcp":
        server.listen(1)
        try:
            client.connect((job["destination"], job["destinationPort"]))
            peer, _ = server.accept()
            peer.settimeout(job["timeout"])
        except socket.timeout:
            return say("timeout")
        except OSError:
            return say("refused")
    else:
        client.connect((job["destination"], job["destinationPort"]))
    say("open")
    for count, _ in enumerate(sys.stdin):
        word = b"hello %d" % count
        try:
            client.send(word)
            heard, back = peer.recvfrom(64)
            if kind == socket.SOCK_STREAM:
                peer.send(heard)
            else:
                peer.sendto(heard, back)
            say("answered" if client.recv(64) == word else "garbled")
        except socket.timeout:
            say("timeout")
        except OSError:
            say("refused")


def say(word):
    print(word, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(json.loads(sys.stdin.readline()))
    else:
        flow(json.loads(sys.stdin.readline()))
