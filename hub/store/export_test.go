package store

import "context"

// Exec runs a statement as the writer.
func Exec(ctx context.Context, s *Store, sql string) error { return s.writer.Exec(ctx, sql) }

// Schema renders the schema of one form by file.
func Schema(name string) (map[string]string, error) {
	f := form{DB: "wardscope", embedded: name == "embedded", cluster: name == "cluster"}
	if f.cluster {
		f.OnCluster = " ON CLUSTER c1"
	}
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, m := range all {
		if out[m.name], err = m.render(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}
