// Package csaf makes the table of advisories from documents as publishers issue them.
//
// Input is advisories in the Common Security Advisory Framework (OASIS CSAF 2.0, section 3.2:
// product_tree, vulnerabilities with product_status, scores, remediations) and CISA's list of
// known exploited vulnerabilities; output is the table that package advisory reads.
//
// A Set is used by one goroutine. It keeps rows, not documents.
//
// It judges no product and fetches nothing; texts of advisories other than names, versions and
// scores are ignored.
package csaf
