"""Jasmin as an HTTP gateway in front of an SMSC, with a Redis and a RabbitMQ of its own; all of it on 127.0.0.1.

jasmin_gateway.py FOLDER --http PORT --jcli PORT --redis PORT --amqp PORT --epmd PORT --dist PORT \
    --smsc PORT --system-id NAME --password SECRET [--retry-delay S] [--max-retries N] [--http-timeout S]

It binds to the SMSC as a transceiver, gives the commands of the file FOLDER/commands to Jasmin's console (jcli), and
prints `ready` when the HTTP API answers. SIGTERM ends it. All files are under FOLDER. Messages that the application has
not taken wait in RabbitMQ, which forgets them when it ends.

Jasmin runs in this process rather than as its program jasmind.py, which allows one instance on a machine (it locks a
file in /tmp). The services are the same.
"""

import argparse
import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CONNECTOR = "smsc"
STARTUP_SECONDS = 50


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name in ["http", "jcli", "redis", "amqp", "epmd", "dist", "smsc"]:
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ["system-id", "password"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--retry-delay", type=int, default=1)
    parser.add_argument("--max-retries", type=int, default=3)
    parser.add_argument("--http-timeout", type=int, default=30)
    return parser.parse_args()


def end_with_parent():
    """The kernel ends a child if this process is killed (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(name, command, folder, **environment):
    with open(folder / "log" / f"{name}.out", "ab") as out:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )


def wait_for(name, child, port):
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"{name} ended with {child.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{name} does not listen on port {port}")


def start_rabbitmq(options):
    folder = options.folder
    # No management, no other listener; all that listens is on the loopback interface.
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.local = 127.0.0.1:{options.amqp}\n")
    return start(
        "rabbitmq",
        [str(RABBITMQ)],
        folder,
        HOME=str(folder),
        # The script becomes the Erlang machine, so that the process started here is the one to end.
        RUNNING_UNDER_SYSTEMD="true",
        ERL_EPMD_ADDRESS="127.0.0.1",
        ERL_EPMD_PORT=str(options.epmd),
        RABBITMQ_NODENAME=f"mbush{options.amqp}@localhost",
        RABBITMQ_DIST_PORT=str(options.dist),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 1 +sbwt none",
        RABBITMQ_CONF_ENV_FILE="/dev/null",
        RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq.conf"),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "enabled_plugins"),
        RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
        RABBITMQ_LOG_BASE=str(folder / "log"),
        RABBITMQ_PID_FILE=str(folder / "rabbitmq.pid"),
    )


def start_redis(options):
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(options.redis), "--save", "", "--appendonly", "no"]
    return start("redis", command, options.folder)


def start_services(options, children):
    """Redis, the Erlang port mapper and RabbitMQ; returns when all of them listen."""
    for folder in ["log", "store"]:
        (options.folder / folder).mkdir(exist_ok=True)
    redis = start_redis(options)
    children.append(redis)
    epmd = start("epmd", ["epmd", "-address", "127.0.0.1", "-port", str(options.epmd)], options.folder)
    children.append(epmd)
    wait_for("epmd", epmd, options.epmd)
    rabbitmq = start_rabbitmq(options)
    children.append(rabbitmq)
    wait_for("redis", redis, options.redis)
    wait_for("rabbitmq", rabbitmq, options.amqp)


def jasmin_configuration(options):
    import txamqp

    template = Path(__file__).with_name("jasmin.cfg").read_text()
    values = {
        "folder": options.folder,
        "http_port": options.http,
        "jcli_port": options.jcli,
        "redis_port": options.redis,
        "amqp_port": options.amqp,
        # The package of Jasmin lacks the description of AMQP that it reads; txAMQP, which it uses, ships it.
        "amqp_spec": Path(txamqp.__file__).with_name("specs") / "standard" / "amqp0-9-1.stripped.xml",
        "http_timeout": options.http_timeout,
        "retry_delay": options.retry_delay,
        "max_retries": options.max_retries,
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", str(value))
    path = options.folder / "jasmin.cfg"
    path.write_text(template)
    return path


def console(options):
    """Types the commands into Jasmin's console, each when the one before is done."""
    with socket.create_connection(("127.0.0.1", options.jcli), timeout=STARTUP_SECONDS) as connection:
        printed = b""
        ends = b"Session ref"
        for command in ["", *(options.folder / "commands").read_text().splitlines()]:
            if command:
                ends = (b"jcli : ", b"> ")
                connection.sendall(command.encode() + b"\r\n")
            while not (printed.endswith(ends) if command else ends in printed):
                octets = connection.recv(4096)
                if not octets:
                    raise RuntimeError("Jasmin's console has closed the connection")
                printed += octets
            if b"Error" in printed or b"ailed" in printed or b"nknown" in printed:
                raise RuntimeError(f"Jasmin refused `{command}`: {printed.decode(errors='replace')}")
            printed = b""


def run_jasmin(options):
    """Runs Jasmin until SIGTERM; returns whether it had come up."""
    os.environ["LOG_PATH"] = str(options.folder / "log")
    # Jasmin reads its folders from the environment when it is imported.
    from jasmin.bin.jasmind import JasminDaemon
    from jasmin.bin.jasmind import Options as DaemonOptions
    from jasmin.protocols.smpp.configs import SMPPClientConfig
    from jasmin.routing.jasminApi import SmppClientConnector
    from jasmin.routing.Routes import DefaultRoute
    from twisted.internet import defer, reactor, task, threads
    from treq import get, text_content

    daemon_options = DaemonOptions()
    flags = ["--enable-dlr-thrower", "--enable-dlr-lookup"]
    daemon_options.parseOptions(["--config", str(jasmin_configuration(options)), *flags])
    daemon = JasminDaemon(daemon_options)

    def added(what, accepted):
        if not accepted:
            raise RuntimeError(f"Jasmin refused {what}")

    def route_to_smsc():
        router = daemon.components["router-pb-factory"]
        route = DefaultRoute(SmppClientConnector(CONNECTOR))
        added("the route to the SMSC", router.perspective_mtroute_add(pickle.dumps(route), 0))

    @defer.inlineCallbacks
    def connect_to_smsc():
        manager = daemon.components["smppcm-pb-factory"]
        connector = SMPPClientConfig(
            id=CONNECTOR,
            host="127.0.0.1",
            port=options.smsc,
            username=options.system_id,
            password=options.password,
            reconnectOnConnectionFailureDelay=1,
            reconnectOnConnectionLossDelay=1,
            requeue_delay=2,
            # No limit; the default is one message a second.
            submit_sm_throughput=0,
        )
        added("the connector", (yield manager.perspective_connector_add(pickle.dumps(connector))))
        added("the start of the connector", (yield manager.perspective_connector_start(CONNECTOR)))
        while manager.perspective_session_state(CONNECTOR) != "BOUND_TRX":
            yield task.deferLater(reactor, 0.1, lambda: None)
        reactor.addSystemEventTrigger("before", "shutdown", manager.perspective_connector_stop, CONNECTOR)

    has_come_up = False

    @defer.inlineCallbacks
    def come_up():
        nonlocal has_come_up
        try:
            yield daemon.start()
            route_to_smsc()
            # The SMSC delivers as soon as it is bound to, and Jasmin drops what has no route.
            yield threads.deferToThread(console, options)
            yield connect_to_smsc()
            answer = yield get(f"http://127.0.0.1:{options.http}/ping")
            yield text_content(answer)
            has_come_up = True
            print("ready", flush=True)
        except Exception:
            traceback.print_exc()
            reactor.stop()

    reactor.callWhenRunning(come_up)
    reactor.run()
    return has_come_up


def main():
    options = arguments()
    options.folder = options.folder.resolve()
    children = []
    # Until Jasmin handles it, SIGTERM ends the program by the way of `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        start_services(options, children)
        return 0 if run_jasmin(options) else 1
    finally:
        for child in reversed(children):
            child.terminate()
        for child in children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


sys.exit(main())
