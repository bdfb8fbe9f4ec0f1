package ingest_test

const crashDir = "WARDSCOPE_TEST_CRASH_DIR"

func crashHub(string) error { return nil }
