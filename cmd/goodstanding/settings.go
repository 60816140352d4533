package main

import "strings"

// prefix begins every environment variable of the program.
const prefix = "GOODSTANDING_"

// setting is one setting, by flag, environment or file, in this order.
type setting struct {
	name string // "OC_SLUG"; the variable is GOODSTANDING_OC_SLUG, the file's key oc_slug
	flag string // "oc-slug"; "" where a flag would show a secret to every user of the host
	// secret settings can stand in a file of their own, named by NAME_FILE, and are never shown.
	secret bool
	// path is made absolute; in the file it is relative to the file's folder.
	path bool
	help string
	// standard says in words what holds when nothing is set.
	standard string
}

// settings are all settings but the federation's, in the order of --help.
var settings = []setting{
	{name: "OC_SLUG", flag: "oc-slug", help: "The collective: the last part of its address on Open Collective", standard: "required to read it"},
	{name: "OC_URL", flag: "oc-url", help: "Open Collective's API", standard: "https://api.opencollective.com/graphql/v2"},
	{name: "OC_TOKEN", secret: true, help: "Personal token of an administrator of the collective, scope transactions", standard: "none: public data"},
	{name: "SYNC_EVERY", flag: "sync-every", help: "How often the daemon reads Open Collective", standard: "30m"},
	{name: "DATA", flag: "data", path: true, help: "Folder for the database", standard: "the user's data folder"},
	{name: "DATABASE", flag: "database", secret: true, help: "sqlite:///absolute/path, sqlite://relative or postgres://…", standard: "goodstanding.db in DATA"},
	{name: "DATABASE_PASSWORD", secret: true, help: "Password of the user that DATABASE names, where it has none", standard: "none"},
	{name: "FIRST_TREASURER", flag: "first-treasurer", help: "E-mail address of the first treasurer, on a store without one", standard: "none"},
	{name: "POLICY", flag: "policy", path: true, help: "Policy file; the database keeps the versions it has seen", standard: "the preset seed-2022"},
	{name: "LISTEN", flag: "listen", help: "Where serve answers, HOST:PORT", standard: defaultListen},
	{name: "METRICS_LISTEN", flag: "metrics-listen", help: "Where serve answers Prometheus, HOST:PORT or off", standard: defaultMetrics},
	{name: "PUBLIC_URL", flag: "public-url", help: "Where the world reaches what serve answers", standard: "none"},
	{name: "TRUSTED_PROXIES", flag: "trusted-proxies", help: "Proxies whose word about a client's address is taken, for limits and logs", standard: "none"},
	{name: "HOOK_SECRET", secret: true, help: "Last part of the address that Open Collective's webhook calls", standard: "none: no webhook"},
	{name: "SMTP_URL", secret: true, help: "Where mails are handed in: smtp://user:password@host:587 or smtps://…:465", standard: "none: no mails"},
	{name: "SMTP_PASSWORD", secret: true, help: "Password of the user that SMTP_URL names, where it has none", standard: "none"},
	{name: "MAIL_FROM", flag: "mail-from", help: "Who the mails are from: an address, with a name or without", standard: "none; needed with SMTP_URL"},
	{name: "MAIL_REPLY_TO", flag: "mail-reply-to", help: "Where answers to the mails go, the treasurers' address", standard: "none: to MAIL_FROM"},
	{name: "SMTP_HELLO", flag: "smtp-hello", help: "What this host calls itself to the mail server", standard: "the host of PUBLIC_URL"},
	{name: "MAIL_TEMPLATES", flag: "mail-templates", path: true, help: "Folder with the federation's own words for mails: LANGUAGE/KIND.md", standard: "none: the program's words"},
	{name: "OIDC_ISSUER", flag: "oidc-issuer", help: "Address of an OpenID Connect provider that people sign in with", standard: "none"},
	{name: "OIDC_CLIENT_ID", flag: "oidc-client-id", help: "Name under which the provider knows this program", standard: "none; needed with OIDC_ISSUER"},
	{name: "OIDC_CLIENT_SECRET", secret: true, help: "What this program shows the provider", standard: "none: a public client"},
	{name: "MATRIX_URL", flag: "matrix-url", help: "Homeserver of the account that speaks in the federation's Matrix room", standard: "none"},
	{name: "MATRIX_TOKEN", secret: true, help: "Access token of that account", standard: "none; needed with MATRIX_URL"},
	{name: "MATRIX_ROOM", flag: "matrix-room", help: "The room, #alias:server or !id:server", standard: "none; needed with MATRIX_URL"},
	{name: "LOG_LEVEL", flag: "log-level", help: "trace, debug, info, warn or error", standard: "warn"},
	{name: "LOG_FORMAT", flag: "log-format", help: "console or json", standard: "console on a terminal, else json"},
	{name: "CONFIG", flag: "config", path: true, help: "YAML file with these settings (in small letters) and the federation's", standard: "none"},
}

// origin says where a value comes from, for messages.
type origin string

// raw is a value as it was found.
type raw struct {
	value string
	from  origin
}

func settingNamed(name string) setting {
	for _, s := range settings {
		if s.name == name {
			return s
		}
	}
	panic("no setting " + name) // a mistake in this package, met by every test
}

func (s setting) variable() string { return prefix + s.name }

func (s setting) key() string { return strings.ToLower(s.name) }

// variables are all names the environment may use.
func variables() (out []string) {
	for _, s := range settings {
		out = append(out, s.variable())
		if s.secret {
			out = append(out, s.variable()+"_FILE")
		}
	}
	return out
}
