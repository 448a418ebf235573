"""Servers that are none, or wish us ill, before anybody has logged in."""
import os
import signal
import socket
import struct
import threading
import time


def serve(answer):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)

    def run(peer):
        try:
            answer(peer)
        except OSError:
            pass

    def loop():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=run, args=(peer,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()
    return listener.getsockname()[1]


def silent(peer):
    time.sleep(60)


def close(peer):
    peer.close()


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def version_only(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    time.sleep(60)


def http(peer):
    peer.recv(100)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.close()


def http_at_once(peer):
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    time.sleep(0.2)
    peer.close()


def endless_line(peer):
    while True:
        peer.sendall(b"x" * 65536)


def endless_lines(peer):
    while True:
        peer.sendall(b"hello\r\n" * 5000)


def slow_lines(peer):
    while True:
        peer.sendall(b"hello\r\n")
        time.sleep(0.01)


def drip(peer):
    for letter in b"SSH-2.0-" + b"a" * 1000:
        peer.sendall(bytes([letter]))
        time.sleep(0.3)


def endless_version(peer):
    peer.sendall(b"SSH-2.0-")
    while True:
        peer.sendall(b"a" * 65536)


def noise_for_keys(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    peer.sendall(os.urandom(100000))
    time.sleep(60)


def packet(payload):
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + b"\0" * padding


def ignored_without_end(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    nothing = packet(b"\x02" + struct.pack(">I", 1000) + b"x" * 1000) * 50
    while True:
        peer.sendall(nothing)


def debug_without_end(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    nothing = packet(b"\x04\x01" + struct.pack(">I", 1000) + b"x" * 1000 + struct.pack(">I", 0)) * 50
    while True:
        peer.sendall(nothing)


def huge_packet(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n" + struct.pack(">IB", 0xFFFFFFF0, 4) + b"\x14" * 1000000)
    time.sleep(60)


def empty_kex(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    peer.sendall(packet(b"\x14" + b"\0" * 16 + struct.pack(">I", 0) * 10 + b"\0" * 5))
    time.sleep(60)


def screen(peer):
    peer.sendall(b"\x1b]0;T\x07\x1b[2Jnot allowed\r\n")
    time.sleep(0.2)
    peer.close()


SERVERS = [
    silent, close, reset, version_only, http, http_at_once, endless_line, endless_lines, slow_lines, drip,
    endless_version, noise_for_keys, ignored_without_end, debug_without_end, huge_packet, empty_kex, screen,
]


def attack_of_each_server(stage):
    """Each is given up in time, with a message, with little memory, and without its control characters."""
    ports = {one.__name__: serve(one) for one in SERVERS}
    lines = [f"{name} ansible_host=127.0.0.1 ansible_port={port} ansible_user=x" for name, port in ports.items()]
    stage.write("hosts", "\n".join(lines) + "\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n")
    began = time.monotonic()
    child = stage.start("run", "-i", "hosts", "-T", "3", "p.yml")
    most = [0]

    def watch():
        while child.poll() is None:
            try:
                with open(f"/proc/{child.pid}/status") as status:
                    for line in status:
                        if line.startswith("VmRSS"):
                            most[0] = max(most[0], int(line.split()[1]))
            except OSError:
                pass
            time.sleep(0.05)

    threading.Thread(target=watch, daemon=True).start()
    try:
        said = child.communicate(timeout=45)[0].decode(errors="replace")
    except Exception:
        child.kill()
        said = child.communicate()[0].decode(errors="replace")
        stage.expect(False, "it hangs")
    took = time.monotonic() - began
    stage.note(f"{len(SERVERS)} servers, {took:.1f} s, {most[0] // 1024} MB at most")
    stage.expect(child.returncode == 4, f"exit code {child.returncode}\n{said[-3000:]}")
    stage.expect(most[0] < 700 * 1024, f"{most[0]} kB of memory")
    stage.expect("\x1b" not in said, "a server's control characters come through")
    for name in ports:
        stage.expect(f"fatal: [{name}]: UNREACHABLE!" in said, f"nothing is said of {name}:\n{said[-3000:]}")


def attack_against_the_interrupt(stage):
    """Whatever a server does, two interrupts end the process at once, and so does TERM."""
    for one in (endless_lines, endless_line, ignored_without_end, silent):
        for signals in ([signal.SIGINT, signal.SIGINT], [signal.SIGTERM]):
            port = serve(one)
            stage.write("hosts", f"h ansible_host=127.0.0.1 ansible_port={port} ansible_user=x\n")
            stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n")
            child = stage.start("run", "-i", "hosts", "-T", "60", "p.yml")
            time.sleep(2.5)
            for number in signals:
                child.send_signal(number)
                time.sleep(0.3)
            try:
                said = child.communicate(timeout=4)[0].decode(errors="replace")
            except Exception:
                child.kill()
                child.communicate()
                stage.expect(False, f"{one.__name__}: deaf to {signals}")
                continue
            # One that talks too much is given up before.
            expected = (99 if len(signals) == 2 else 143, 4)
            stage.expect(child.returncode in expected, f"{one.__name__} {signals}: {child.returncode}\n{said}")
            stage.expect("PLAY RECAP" in said, f"{one.__name__} {signals}: no recap\n{said}")


def attack_of_a_sudo_that_drips(stage):
    """A program for becoming a user that says a word now and then is given up, though it is never silent."""
    sudo = stage.write("drip", "#!/bin/sh\nwhile :; do echo word >&2; sleep 0.5; done\n", 0o755)
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  become: true\n  become_user: daemon\n  tasks: [{command: id}]\n")
    words = ("run", "-i", "h,", "-c", "local", "-T", "1", "-e", f"ansible_become_exe={sudo}", "p.yml")
    code, text = stage.run(*words)
    stage.expect(code == 2, f"exit code {code}\n{text[-2000:]}")
    stage.expect("did not answer within 1 s" in text, text[-2000:])
