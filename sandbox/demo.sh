#!/usr/bin/env bash
# Has codes sent by the sandbox and verifies them, from C and from Python.
# `make demo` builds what it needs and starts it.
set -euo pipefail

: "${CONTACTVERIFY_BUILT:?start this with: make demo}" "${SANDBOX:?}" "${PYTHON:?}"
export CONTACTVERIFY_TOKEN="demo-token"
export CONTACTVERIFY_LIBRARY="$CONTACTVERIFY_BUILT/libcontactverify.so"
export PYTHONPATH="$(dirname "$0")/../bindings/python/src"

# The sandbox ends when its standard input does, so it cannot outlive this script.
coproc SERVICE { exec "$SANDBOX" --port 0 --token "$CONTACTVERIFY_TOKEN" --until-stdin-closes; }
read -r endpoint <&"${SERVICE[0]}" || { echo "the sandbox did not start"; exit 1; }
echo "sandbox: $endpoint"

# Has a code sent and reads it where a person would read a message.
send() {
    local contact=$1 way=$2 area=$3 word
    echo "sending a code to $contact"
    curl --silent --show-error --fail --output /dev/null \
        --header "X-Auth-Token: $CONTACTVERIFY_TOKEN" --header "Content-Type: application/json" \
        --data "{\"contact_value\":\"$contact\",\"contact_way\":$way,\"area_code\":\"$area\"}" \
        "$endpoint/v2/servicerequest/verifycodes/send"
    read -r word code _ <&"${SERVICE[0]}"
    [ "$word" = code ]
    # A code that is certainly another one.
    wrong=$(printf '%06d' $(((10#$code + 1) % 1000000)))
}

# Runs a program, prints what it really answered, and ends the demo if that is not as it should be.
expect() {
    local name=$1 verdict=$2 status=$3 answered=0 printed
    shift 3
    printed=$("$@") || answered=$?
    echo "$name: $printed"
    if [ "$printed" != "$verdict" ] || [ "$answered" != "$status" ]; then
        echo "expected $verdict with exit status $status, but got exit status $answered"
        exit 1
    fi
}

c() { "$CONTACTVERIFY_BUILT/verify" --endpoint "$endpoint" "$@"; }
python() { "$PYTHON" -m contactverify verify --endpoint "$endpoint" "$@"; }

send alice@example.com 1 ""
expect c "REJECTED OSM.01010010" 1 c --contact alice@example.com --way email --code "$wrong"
expect c "OK" 0 c --contact alice@example.com --way email --code "$code"

send 13800000000 0 86
expect python "REJECTED OSM.01010010" 1 \
    python --contact 13800000000 --area-code 86 --way sms --code "$wrong"
expect python "OK" 0 python --contact 13800000000 --area-code 86 --way sms --code "$code"

# Ends the sandbox and waits until it has.
service=$SERVICE_PID
eval "exec ${SERVICE[1]}>&-"
wait "$service"
echo "sandbox: stopped"
