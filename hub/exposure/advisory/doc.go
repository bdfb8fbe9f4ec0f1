// Package advisory matches devices with published advisories and recall notices.
//
// Input is what is known of a product: maker, model, versions, serial number; output is verdicts:
// affected, unsure or not affected, with certainty, reason and the date of what was consulted.
//
// A Pack is read once and immutable; any number of goroutines may match against it.
//
// It never says affected without a version inside the published range, or an advisory that
// explicitly names all versions; a name that is merely alike is unsure.
package advisory
