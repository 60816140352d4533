// Package metrics holds what the daemon counts, in a registry of its own.
// docs/metrics.md lists every metric with its meaning; a test holds the page and
// the registry together.
//
// The contract:
//
//   - Every name begins with goodstanding_ and follows the Prometheus naming
//     guide (promlint is clean).
//   - Every label is from a closed set; none ever names a member, a person, an
//     account, an amount or an address.
//   - What is known of the roll is shown from one Reading at a time, so that the
//     numbers of one scrape belong together. A scrape asks no database: it goes
//     on, with the last Reading, while that cannot be reached.
//
// Every order that was seen has exactly one fate; their sum is
// goodstanding_orders_seen.
package metrics
