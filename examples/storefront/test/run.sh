#!/bin/sh
# Checks the program given as first argument. Prints a line for each check and fails if one fails.
set -u
program=$1
goods=$(dirname "$0")/../catalogue/goods.txt
failed=0
checks=0

check() { # NAME EXPECTED ACTUAL
    checks=$((checks + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $checks - $1"
    else
        echo "not ok $checks - $1: expected '$2', found '$3'"
        failed=1
    fi
}

total() { "$program" "$goods" "$@" 2>/dev/null; }
status() { "$program" "$@" >/dev/null 2>&1; echo $?; }

check "one apple" 0.45 "$(total apple 1)"
check "a short price" 3.20 "$(total bread 1)"
check "a whole price" 49.00 "$(total teapot 1)"
check "a basket" 23.89 "$(total apple 10 bread 2 coffee 1)"
check "the list has every good" 4 "$("$program" "$goods" | wc -l | tr -d ' ')"
check "an unknown good" 1 "$(status "$goods" cheese 1)"
check "no count" 2 "$(status "$goods" apple)"
check "a count of zero" 1 "$(status "$goods" apple 0)"
check "a count that is no number" 1 "$(status "$goods" apple 1x)"
check "a missing catalogue" 1 "$(status /nonexistent)"
printf 'apple;free\n' > "${TMPDIR:-/tmp}/bad.txt"
check "a price that is no amount" 1 "$(status "${TMPDIR:-/tmp}/bad.txt")"
printf 'apple;99999999999999\n' > "${TMPDIR:-/tmp}/bad.txt"
check "a price beyond all bounds" 1 "$(status "${TMPDIR:-/tmp}/bad.txt")"

echo "1..$checks"
exit $failed
