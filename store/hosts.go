package store

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A database that fails over has an address with several servers, each with its
// port: postgres://user@db1:5432,db2:5432/roll. The driver wants hosts and ports
// as lists of their own, so they are taken apart here.

// servers takes several servers out of the address into its settings. Of several
// it is the one that takes writes that is spoken to, unless the address says
// otherwise. fault says what is not understood of it; "" for nothing.
func servers(u *url.URL) (fault string) {
	q := u.Query()
	if !strings.Contains(u.Host, ",") {
		if strings.Contains(q.Get("host"), ",") {
			onlyThePrimary(u, q)
		}
		return ""
	}
	if q.Has("host") || q.Has("port") {
		return "it names several servers before the database and again as host or port behind it: name them in one place"
	}
	var hosts, ports []string
	for _, server := range strings.Split(u.Host, ",") {
		host, port, ok := hostAndPort(server)
		switch {
		case host == "":
			return "of its several servers one has no name: write postgres://user@host1:port1,host2:port2/database"
		case !ok:
			return "the port of its server " + host + " is no number from 1 to 65535: write postgres://user@host1:port1,host2:port2/database"
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	u.Host = ""
	q.Set("host", strings.Join(hosts, ","))
	q.Set("port", strings.Join(ports, ","))
	onlyThePrimary(u, q)
	return ""
}

func onlyThePrimary(u *url.URL, q url.Values) {
	if !q.Has("target_session_attrs") {
		q.Set("target_session_attrs", "read-write")
	}
	u.RawQuery = q.Encode()
}

// hostAndPort takes a server apart; without a port it is PostgreSQL's own.
func hostAndPort(server string) (host, port string, ok bool) {
	host, port = server, "5432"
	if i := strings.LastIndex(server, ":"); i >= 0 && !strings.HasSuffix(server, "]") {
		host, port = server[:i], server[i+1:]
	}
	n, err := strconv.Atoi(port)
	return strings.Trim(host, "[]"), port, err == nil && n > 0 && n < 1<<16
}

// named are the servers of an address for people: each with its port.
func named(q url.Values) string {
	hosts, ports := strings.Split(q.Get("host"), ","), strings.Split(q.Get("port"), ",")
	if len(hosts) == 1 || len(ports) != len(hosts) {
		return q.Get("host")
	}
	out := slices.Clone(hosts)
	for i := range out {
		out[i] += ":" + ports[i]
	}
	return strings.Join(out, ",")
}
