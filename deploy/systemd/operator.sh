#!/bin/sh
# What an operator types as `goodstanding` on a host with the units: the program as the
# service runs it, by its user and with its settings, so that no command ever asks
# another database than the daemon. docs/deploy.md says where it is installed.
set -eu
umask 077 # what a command makes in the data folder is the service's alone, too
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin # cron's has no runuser
for setting in $(env | sed -n 's/^\(GOODSTANDING_[A-Z0-9_]*\)=.*/\1/p'); do unset "$setting"; done
export GOODSTANDING_CONFIG=/etc/goodstanding/goodstanding.yaml XDG_DATA_HOME=/var/lib HOME=/var/lib/goodstanding
program=/usr/local/libexec/goodstanding
[ "${1:-}" != completion ] || exec $program "$@" # asked by everybody's shell at the tab key; it opens nothing
case $(id -un) in
goodstanding) exec $program "$@" ;;
root) exec runuser -u goodstanding -- $program "$@" ;;
esac
echo 'goodstanding: settings and database are the service'\''s own: write sudo goodstanding, and the command after it' >&2
exit 2
