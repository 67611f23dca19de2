#!/usr/bin/env bash
# make run: a server with its embedded database, this very machine as its first device, and what happens to it, live.
# Everything lies in .muster in the checkout, or in MUSTER_HOME; a second run goes on with it. Ctrl-C stops all of it.
# The programs are those built last, or those in the directory MUSTER_PROGRAMS.
# MUSTER_LISTEN sets the address to listen on: 127.0.0.1, because this is for trying out.
set -euo pipefail
cd "$(dirname "$0")/.."
home=${MUSTER_HOME:-$PWD/.muster}
listen=${MUSTER_LISTEN:-127.0.0.1}
# Where this machine reaches a server that listens there.
case "$listen" in 0.0.0.0) place=127.0.0.1 ;; *) place=$listen ;; esac
umask 077
mkdir -p "$home"

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# One member of a small JSON object: a string or a number.
member() { tr -d '\n' <"$1" | sed -n "s/.*\"$2\" *: *\"\{0,1\}\([^\", }]*\).*/\1/p"; }

# -- Stopping: the agent first, so that it can say goodbye, then the server. Each by its own process id.
server=; agent=; follower=
stop() {
    trap - EXIT INT TERM HUP
    for pid in $follower $agent $server; do
        kill -TERM "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'say; say "Stopping."; stop; exit 0' INT TERM HUP

# -- Ports: the usual ones if they are free, others (0: the server chooses) if not; what was used is kept, the device knows it.
is_taken() { # tcp|udp PORT: a TCP listener or any UDP socket has it
    awk -v port=":$(printf %04X "$2")$" -v kind="$1" '$2 ~ port && (kind == "udp" || $4 == "0A") { taken = 1 } END { exit !taken }' \
        "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null
}
choose() { # KIND KEPT USUAL: the kept port, else the usual one, else 0
    local port=${2:-$3}
    if is_taken "$1" "$port"; then echo 0; else echo "$port"; fi
}
kept_agent=; kept_udp=; kept_https=
# shellcheck disable=SC1091
[ ! -e "$home/ports" ] || . "$home/ports"
agent_port=$(choose tcp "$kept_agent" 13000)
udp_port=$(choose udp "$kept_udp" 13000)
https_port=$(choose tcp "$kept_https" 13299)
if [ -n "$kept_agent" ] && [ "$agent_port" = 0 ]; then
    fail "TCP port $kept_agent is in use, and this device knows its server by it. Stop what uses it (another 'make run'?)."
fi

bin=${MUSTER_PROGRAMS:-$(swift build --show-bin-path)}
export PATH="$bin:$PATH"

# -- The server.
if [ ! -e "$home/server/admin.token" ]; then
    muster-server init --data-dir "$home/server" --external-address "$place"
fi
ready=$home/ready.json
rm -f "$ready"
setsid muster-server run --data-dir "$home/server" --listen "$listen" --agent-port "$agent_port" --udp-port "$udp_port" \
    --https-port "$https_port" --ready-file "$ready" >>"$home/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
    [ ! -s "$ready" ] || break
    kill -0 "$server" 2>/dev/null || { tail -n 20 "$home/server.log" >&2; fail "The server did not start; its log is $home/server.log"; }
    sleep 0.1
done
[ -s "$ready" ] || fail "The server was not ready within 30 s; its log is $home/server.log"
agent_port=$(member "$ready" agentPort)
https_port=$(member "$ready" httpsPort)
printf 'kept_agent=%s\nkept_udp=%s\nkept_https=%s\n' "$agent_port" "$(member "$ready" udpPort)" "$https_port" >"$home/ports"

export MUSTER_SERVER=$place:$https_port MUSTER_TOKEN_FILE=$home/server/admin.token
MUSTER_PIN=$(cat "$home/server/api.pin")
export MUSTER_PIN

# -- This machine as its device.
if [ ! -e "$home/enrolled" ]; then
    muster enrolment-tokens create --name 'make run' --uses 1 --expires 1h --output json >"$home/token.json"
    member "$home/token.json" token >"$home/token"
    pins=()
    for pin in $(tr -d '\n' <"$home/token.json" | sed 's/.*"pins" *: *\[\([^]]*\)\].*/\1/' | tr ',"' '  '); do pins+=(--pin "$pin"); done
    muster-agent enrol --state-dir "$home/agent" --server "$place:$agent_port" --token-file "$home/token" "${pins[@]}"
    rm -f "$home/token" "$home/token.json"
    touch "$home/enrolled"
fi
before=$(muster devices list --output json | grep -o '"lastSynchronization" *: *"[^"]*"' || true)
setsid muster-agent run --state-dir "$home/agent" >>"$home/agent.log" 2>&1 &
agent=$!
for _ in $(seq 300); do
    now=$(muster devices list --output json | grep -o '"lastSynchronization" *: *"[^"]*"' || true)
    [ "$now" = "$before" ] || break
    kill -0 "$agent" 2>/dev/null || { tail -n 20 "$home/agent.log" >&2; fail "The agent did not start; its log is $home/agent.log"; }
    sleep 0.2
done
[ "$now" != "$before" ] || fail "No synchronization within a minute; see $home/agent.log and $home/server.log"

# -- What the server knows now, and what happens from here on.
say
# A device's group has an id as well.
devices=$(muster devices list --output json | sed 's/"group" *: *{[^}]*}//')
for id in $(grep -o '"id" *: *"[^"]*"' <<<"$devices" | cut -d '"' -f 4); do muster devices show "$id"; done
cat <<END

In another terminal:
  export PATH=$bin:\$PATH MUSTER_SERVER=$MUSTER_SERVER MUSTER_TOKEN_FILE=$MUSTER_TOKEN_FILE MUSTER_PIN=$MUSTER_PIN
  muster installed list
  muster-agent event --state-dir $home/agent --type hello --severity info --text 'Hello from this device'
Logs: $home/server.log, $home/agent.log.  Ctrl-C stops the server and the agent; the next 'make run' goes on.

Events:
END
setsid muster events list --limit 10 --follow &
follower=$!

# Whichever ends first ends the rest.
status=0
wait -n "$server" "$agent" "$follower" || status=$?
for name in server agent; do
    kill -0 "${!name}" 2>/dev/null || { tail -n 20 "$home/$name.log" >&2; say "The $name ended; its log is $home/$name.log" >&2; }
done
exit "$(( status == 0 ? 1 : status ))"
