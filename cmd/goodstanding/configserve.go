package main

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/api"
)

// Where the daemon listens unless a setting says otherwise: on this host alone.
const (
	defaultListen  = "127.0.0.1:8080"
	defaultMetrics = "127.0.0.1:9464"
	listenOff      = "off"
)

// serving reads the settings of serve.
func (l *loader) serving() {
	l.cfg.Listen = l.address("LISTEN", defaultListen, ", such as 127.0.0.1:8080, or :8080 for every address of this host")
	l.cfg.MetricsListen = l.address("METRICS_LISTEN", defaultMetrics, ", such as 127.0.0.1:9464, or off")
	if found, ok := l.lookUp(settingNamed("PUBLIC_URL")); ok {
		l.cfg.PublicURL = strings.TrimRight(found.value, "/")
		u, err := url.Parse(found.value)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			l.fault(found.from, "is no address: write where the world reaches this server, such as https://roll.example.org")
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			l.fault(found.from, "carries a user, a query or a fragment: write only where the world reaches this server, such as https://roll.example.org")
		}
	}
	l.proxies()
	if found, ok := l.lookUp(settingNamed("HOOK_SECRET")); ok {
		if why := api.HookSecretFault(found.value); why != "" {
			l.fault(found.from, "%s", why)
		}
		l.cfg.HookSecret = secret(found.value)
	}
}

// address reads where to listen; only the metrics can be turned off, which
// gives "".
func (l *loader) address(name, standard, example string) string {
	found, ok := l.lookUp(settingNamed(name))
	if !ok {
		return standard
	}
	if name == "METRICS_LISTEN" && found.value == listenOff {
		return ""
	}
	host, port, err := net.SplitHostPort(found.value)
	number, numberErr := strconv.Atoi(port)
	if err != nil || numberErr != nil || number < 0 || number > 65535 || strings.ContainsAny(host, "/ ") {
		l.fault(found.from, "%q is no address to listen on: write HOST:PORT%s", clip(found.value), example)
		return standard
	}
	if name == "METRICS_LISTEN" && number != 0 && found.value == l.cfg.Listen {
		l.fault(found.from, "is the address of the API, too: give the metrics one of their own, or turn them off")
	}
	return found.value
}

// proxies reads whose word about a client's address is taken.
func (l *loader) proxies() {
	found, ok := l.lookUp(settingNamed("TRUSTED_PROXIES"))
	if !ok {
		return
	}
	for _, word := range strings.FieldsFunc(found.value, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			a, alone := netip.ParseAddr(word)
			if alone != nil {
				l.fault(found.from, "%q is no address of a proxy: write addresses or networks, such as 10.0.0.5, 172.16.0.0/12", clip(word))
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		l.cfg.TrustedProxies = append(l.cfg.TrustedProxies, p.Masked())
	}
}

// proxyWords are the trusted proxies as they are shown.
func (c *Config) proxyWords() string {
	return strings.Join(mapped(c.TrustedProxies, netip.Prefix.String), ", ")
}

// metricsWord is where the metrics are served, as the setting says it.
func (c *Config) metricsWord() string {
	if c.MetricsListen == "" {
		return listenOff
	}
	return c.MetricsListen
}
