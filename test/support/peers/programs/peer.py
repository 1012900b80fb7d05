"""Python's ssl as the other end. What it reads and prints is described in ../service.mjs."""

import socket
import ssl
import sys
import threading

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}

output = threading.Lock()
# What each work has open, and which of them have been told to stop.
opened = {}
stopped = set()


def say(id, what, **facts):
    clean = [f"{name}={value}".replace("\t", " ").replace("\n", " ") for name, value in facts.items()]
    with output:
        print("\t".join([id, what, *clean]), flush=True)


def say_connection(id, connection, **more):
    subject = dict(pair for part in (connection.getpeercert() or {}).get("subject", ()) for pair in part)
    say(
        id,
        "connection",
        protocol=connection.version(),
        cipher=connection.cipher()[0],
        alpn=connection.selected_alpn_protocol() or "",
        peerName=subject.get("commonName", ""),
        reused=str(connection.session_reused).lower(),
        **more,
    )


def shut_down(transport):
    """Closing it would not wake up whoever waits in accept() or recv()."""
    try:
        transport.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already


def close_when_stopped(id, transport):
    """At once when that has happened already."""
    # Of its own, as wrap_socket() takes the socket's handle away.
    opened[id] = transport.dup()
    if id in stopped:
        shut_down(opened[id])


def stop(id):
    stopped.add(id)
    if id in opened:
        shut_down(opened[id])


def configure(context, request):
    version = request.get("version")
    if version:
        context.minimum_version = context.maximum_version = VERSIONS[version]
    if version in ("TLSv1", "TLSv1.1"):
        # Signatures with SHA-1 and MD5, which OpenSSL's security level 1 refuses.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if request.get("alpn"):
        context.set_alpn_protocols(request["alpn"].split(","))
    if request.get("cert"):
        context.load_cert_chain(request["cert"], request["key"])
    return context


def close(connection):
    """With a close_notify, for which the other end need not wait."""
    try:
        connection.unwrap()
    except OSError:
        pass
    connection.close()


def echo(id, transport, context):
    try:
        connection = context.wrap_socket(transport, server_side=True)
    except OSError as error:
        say(id, "refused", message=error)
        transport.close()
        return
    say_connection(id, connection, servername=getattr(connection, "asked_for", ""))
    try:
        while data := connection.recv(65536):
            connection.sendall(data)
    except OSError:
        pass
    close(connection)


def serve(id, request):
    context = configure(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), request)
    if request.get("clientCa"):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(request["clientCa"])

    def note_name(connection, name, _context):
        connection.asked_for = name or ""

    context.sni_callback = note_name
    listener = socket.create_server(("127.0.0.1", 0))
    close_when_stopped(id, listener)
    say(id, "listening", port=listener.getsockname()[1])
    while True:
        try:
            transport, _ = listener.accept()
        except OSError:
            listener.close()
            return
        threading.Thread(target=echo, args=(id, transport, context), daemon=True).start()


def connect(id, request):
    """Sends what is in the file `upload`, and stores what it gets until the end."""
    context = configure(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), request)
    context.load_verify_locations(request["ca"])
    with open(request["upload"], "rb") as file:
        upload = file.read()
    session = None
    for _ in range(int(request["connections"])):
        transport = socket.create_connection(("127.0.0.1", int(request["port"])))
        close_when_stopped(id, transport)
        connection = context.wrap_socket(transport, server_hostname=request["servername"], session=session)
        say_connection(id, connection)
        connection.sendall(upload)
        with open(request["download"], "wb") as file:
            while data := connection.recv(65536):
                file.write(data)
        session = connection.session
        close(connection)


def work(verb, id, request):
    try:
        verb(id, request)
        say(id, "done")
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the test is to hear of it
        say(id, "done", error=repr(error))


def main():
    for line in sys.stdin:
        id, verb, *pairs = line.rstrip("\n").split("\t")
        request = dict(pair.split("=", 1) for pair in pairs)
        if verb == "stop":
            stop(id)
        else:
            verbs = {"serve": serve, "connect": connect}
            threading.Thread(target=work, args=(verbs[verb], id, request), daemon=True).start()


main()
