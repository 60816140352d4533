# The version of each file that is stored as a config: raise it with every change of the file.
export SETTINGS_VERSION=v1
export PG_BACKUP_VERSION=v1
