#!/usr/bin/env bash
# Walks from sending a code to listing who is verified, from C and from Python, with each way
# to authenticate, against the sandbox. `make demo` builds what it needs and starts it.
set -euo pipefail

: "${CONTACTVERIFY_BUILT:?start this with: make demo}" "${SANDBOX:?}" "${PYTHON:?}"
export CONTACTVERIFY_LIBRARY="$CONTACTVERIFY_BUILT/libcontactverify.so"
export PYTHONPATH="$(dirname "$0")/../bindings/python/src"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir "$home/.huaweicloud"
printf '[global]\nak = sandbox-access-key\nsk = sandbox-secret-key\n' > "$home/.huaweicloud/credentials"

# The sandbox ends when its standard input does, so it cannot outlive this script.
coproc SERVICE { exec "$SANDBOX" --port 0 --until-stdin-closes; }
read -r endpoint <&"${SERVICE[0]}" || { echo "the sandbox did not start"; exit 1; }
echo "sandbox: $endpoint"

# Runs a command with the credentials of one way and nothing else in its environment.
with() {
    local way=$1
    shift
    case $way in
        token) set -- CONTACTVERIFY_TOKEN=sandbox-token "$@" ;;
        password) set -- CONTACTVERIFY_DOMAIN=sandbox-account CONTACTVERIFY_USER=sandbox-user \
            CONTACTVERIFY_PASSWORD=sandbox-password "$@" ;;
        key) set -- HUAWEICLOUD_SDK_AK=sandbox-access-key HUAWEICLOUD_SDK_SK=sandbox-secret-key "$@" ;;
        file) set -- HOME="$home" "$@" ;;
    esac
    env -i PATH="$PATH" PYTHONPATH="$PYTHONPATH" CONTACTVERIFY_LIBRARY="$CONTACTVERIFY_LIBRARY" "$@"
}

# Runs a program, prints what it really answered, and ends the demo if that is not as it should be.
expect() {
    local name=$1 verdict=$2 status=$3 answered=0 printed
    shift 3
    printed=$("$@") || answered=$?
    echo "$name: ${printed//$'\n'/, }"
    if [[ "$printed" != "$verdict"* ]] || [ "$answered" != "$status" ]; then
        echo "expected $verdict with exit status $status, but got exit status $answered"
        exit 1
    fi
}

c() { with "$way" "$CONTACTVERIFY_BUILT/verify" "$1" --endpoint "$endpoint" --iam-endpoint "$endpoint" "${@:2}"; }
python() { with "$way" "$PYTHON" -m contactverify "$1" --endpoint "$endpoint" --iam-endpoint "$endpoint" "${@:2}"; }

# The whole way, in one language: send, verify wrongly and rightly, ask, list.
walk() {
    local language=$1 code wrong
    shift
    expect "$language, $way: send" "OK" 0 "$language" send "$@"
    # A person would read a message; the sandbox prints the code.
    read -r _ code _ <&"${SERVICE[0]}"
    wrong=$(printf '%06d' $(((10#$code + 1) % 1000000)))
    expect "$language, $way: verify another code" "REJECTED OSM.01010010" 1 "$language" verify "$@" --code "$wrong"
    expect "$language, $way: verify the code" "OK" 0 "$language" verify "$@" --code "$code"
    expect "$language, $way: need-verify" "OK" 0 "$language" need-verify "$@"
    expect "$language, $way: list" "OK" 0 "$language" list "$@"
}

for way in token password key file; do
    walk c --contact "c-$way@example.com" --way email
    walk python --contact "138000000${#way}" --area-code 86 --way sms
done

# Ends the sandbox and waits until it has.
service=$SERVICE_PID
eval "exec ${SERVICE[1]}>&-"
wait "$service"
echo "sandbox: stopped"
