#!/bin/sh
# Tries to get out. Exit code 0 if something worked.
set -u
. ./targets.sh
escaped=1

tried() { # NAME STATUS
    if [ "$2" = 0 ]; then
        echo "ESCAPED: $1"
        escaped=0
    else
        echo "refused: $1"
    fi
}

# The daemon holds on to nothing of its parents, and outlives the step if it may.
setsid sh -c "sleep 20; : $daemon_name" </dev/null >/dev/null 2>&1 &

cat "$host_file" > loot.txt 2>/dev/null
tried "read a file of the host" $?

{ echo pwned > "$host_folder/pwned.txt"; } 2>/dev/null
tried "write outside of the workspace" $?

cat > connect.c <<'C'
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int count, char **argument) {
    struct sockaddr_in to = {.sin_family = AF_INET};
    to.sin_port = htons(count > 1 ? atoi(argument[1]) : 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int line = socket(AF_INET, SOCK_STREAM, 0);
    return line < 0 || connect(line, (struct sockaddr *)&to, sizeof to) != 0;
}
C
cc -o connect connect.c || exit 1
./connect "$host_port"
tried "connect to the host" $?

sleep 0.2
grep -q "^[^0]" /proc/self/uid_map && [ "$(id -u)" = 0 ]
tried "be root" $?

exit $escaped
