package store

import "context"

// Exec runs a statement as the writer.
func Exec(ctx context.Context, s *Store, sql string) error { return s.writer.Exec(ctx, sql) }
