// Package knowledge holds the rules by which the hub reads claims: what a banner, a vendor
// class, a service or a link address says about vendor, type, operating system and the rest.
//
// Input is YAML files, built in; output is a Set that answers what one fact means, with the rule
// and its weight. Each rule names where it comes from and carries an example, which a test runs.
//
// A Set is immutable after Load apart from a bounded memory of answers, and is safe for
// concurrent use.
//
// It combines nothing and decides nothing: weighing answers against each other is inventory's.
package knowledge
