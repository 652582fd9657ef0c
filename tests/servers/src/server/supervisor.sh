# Ends a test server once nobody has used it for a while, and removes its folder.
folder=$1 pid_file=$2 signal=$3 idle=$4
unused=0
while [ -d "$folder/files" ]; do
    sleep 1
    if flock --nonblock --exclusive "$folder/users" true; then
        unused=$((unused + 1))
    else
        unused=0
    fi
    [ "$unused" -ge "$idle" ] || continue
    # Whoever wants to use it now waits for this lock, and then starts it anew.
    exec 9<>"$folder/starting"
    if ! flock --nonblock 9; then
        unused=0
        continue
    fi
    if ! flock --nonblock --exclusive "$folder/users" true; then
        exec 9>&-
        unused=0
        continue
    fi
    pid=$(head -n 1 "$pid_file" 2>/dev/null)
    if [ -n "$pid" ]; then
        # The seventh line of PostgreSQL's has the key and the id of shared memory that a killed one leaves.
        memory=$(sed -n 7p "$pid_file" 2>/dev/null)
        # A test may have paused all of them, and died then.
        all="$pid $(cat "/proc/$pid/task/$pid/children" 2>/dev/null)"
        for one in $all; do
            kill -CONT "$one" 2>/dev/null
        done
        kill -"$signal" "$pid" 2>/dev/null
        waited=0
        while kill -0 "$pid" 2>/dev/null && [ "$waited" -lt 50 ]; do
            sleep 0.1
            waited=$((waited + 1))
        done
        for one in $all; do
            kill -KILL "$one" 2>/dev/null
        done
        [ -z "$memory" ] || ipcrm --shmem-id "${memory##* }" 2>/dev/null
    fi
    case $folder in
        # The lock files of a shared one stay: somebody may be waiting for them.
        */bitrix-id-test-servers-*) rm -rf "$folder/files" "$folder/log" ;;
        *) rm -rf "$folder" ;;
    esac
    exit
done
