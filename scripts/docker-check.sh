#!/usr/bin/env bash
# Looks over docker/ with what this machine has, and names what it had to leave out. Installs nothing.
#
#   make docker-check
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=0
skipped=()

# check WHAT COMMAND…: quiet when all is well.
check() {
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then
        echo "ok       $what"
    else
        echo "PROBLEM  $what"
        sed 's/^/         /' <<<"$said"
        failed=1
    fi
}

# needs COMMAND WHAT: whether a check can be made.
needs() {
    command -v "$1" >/dev/null 2>&1 && return
    skipped+=("$2 ($1 is not installed)")
    return 1
}

# What the image copies must be there, and its bases must say which version.
dockerfile() {
    local source found=0
    for source in $(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' docker/Dockerfile); do
        found=1
        [[ -e $source ]] || { echo "COPY $source: there is no such file" && return 1; }
    done
    ((found)) || { echo "no COPY was found" && return 1; }
    if grep -E '^FROM [^ ]+:latest|^FROM [^ :]+( |$)' docker/Dockerfile; then
        echo "a base image without a version" && return 1
    fi
}

# Rules of the house for every service: nothing more than it needs, a version, an end to what it may take.
compose_rules() {
    python3 - docker/compose.yaml <<'PYTHON'
import pathlib, sys, yaml
file = pathlib.Path(sys.argv[1])
compose = yaml.safe_load(file.read_text())
problems = []
for name, service in compose["services"].items():
    def want(holds, what):
        if not holds:
            problems.append(f"{name}: {what}")
    want(service.get("read_only") is True, "its root can be written")
    want(service.get("cap_drop") == ["ALL"], "it keeps capabilities")
    want("no-new-privileges:true" in service.get("security_opt", []), "it can gain privileges")
    want(service.get("restart"), "nobody starts it again")
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    want({"cpus", "memory", "pids"} <= limits.keys(), "it may take the whole machine")
    tag = service["image"].rpartition(":")[2]
    want(tag != service["image"] and tag != "latest", "its image has no version")
    for published in service.get("ports", []):
        want(published.startswith(("127.0.0.1:", "${BITRIX_ID_BIND:-127.0.0.1}:")), f"{published} is open to all")
    for network in service["networks"]:
        want(network in compose["networks"], f"no network {network}")
    for secret in service.get("secrets", []):
        want(secret in compose["secrets"], f"no secret {secret}")
    for other in service.get("depends_on", {}):
        want("healthcheck" in compose["services"].get(other, {}), f"waits for {other}, which has no health check")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        there = (file.parent / source).exists() if source.startswith(".") else source in compose["volumes"]
        want(there, f"no volume {source}")
for network in ("data", "portals", "watch"):
    if compose["networks"][network].get("internal") is not True:
        problems.append(f"network {network} leads outside")
for store in ("postgres", "redis-1", "redis-2", "sentinel-1", "sentinel-2", "sentinel-3"):
    service = compose["services"][store]
    if service["networks"] != ["data"] or "ports" in service:
        problems.append(f"{store} can be reached from outside")
print("\n".join(problems))
sys.exit(bool(problems))
PYTHON
}

# The unit as it is, with a program that is there.
unit() {
    local folder verdict
    folder=$(mktemp -d)
    sed 's#/usr/local/bin/bitrix-id#/bin/true#' docker/systemd/bitrix-id.service >"$folder/bitrix-id.service"
    systemd-analyze verify "$folder/bitrix-id.service" &&
        systemd-analyze security --offline=true --threshold=25 "$folder/bitrix-id.service"
    verdict=$?
    rm -rf "$folder"
    return "$verdict"
}

# Names that only resolve between the containers are left to start-up, with a warning.
haproxy_file() {
    haproxy -c -q -f docker/haproxy/haproxy.cfg
}

check "Dockerfile" dockerfile
for script in docker/*.sh docker/*/*.sh; do
    check "$script" bash -n "$script"
done
if needs shellcheck "scripts, in depth"; then
    check "scripts, in depth" shellcheck --severity=warning docker/*.sh docker/*/*.sh scripts/*.sh
fi
if needs python3 "compose.yaml" && { python3 -c 'import yaml' 2>/dev/null ||
    { skipped+=("compose.yaml (python3-yaml is not installed)") && false; }; }; then
    check "compose.yaml, our rules" compose_rules
fi
if docker compose version >/dev/null 2>&1; then
    check "compose.yaml, by compose itself" docker compose --file docker/compose.yaml config --quiet
else
    skipped+=("compose.yaml by compose itself (docker compose is not installed)")
fi
if needs promtool "Prometheus' files and the alerts' tests"; then
    check "prometheus.yml, alerts.yml" promtool check config docker/prometheus/prometheus.yml
    check "alerts.test.yml" promtool test rules docker/prometheus/alerts.test.yml
fi
if needs amtool "alertmanager.yml"; then
    check "alertmanager.yml" amtool check-config docker/alertmanager/alertmanager.yml
fi
if needs haproxy "haproxy.cfg"; then
    check "haproxy.cfg" haproxy_file
fi
if needs systemd-analyze "bitrix-id.service"; then
    check "bitrix-id.service" unit
fi

for what in "${skipped[@]}"; do
    echo "skipped  $what"
done
exit "$failed"
