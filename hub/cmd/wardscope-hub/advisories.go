package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/exposure/advisory/csaf"
)

func newKnowledgeAdvisories() *cobra.Command {
	var folder, kev, out, source, day string
	cmd := &cobra.Command{
		Use:   "advisories --csaf FOLDER --out FILE",
		Short: "Make a table of advisories from CSAF documents and CISA's list of exploited vulnerabilities, as published",
		Example: `  wardscope-hub knowledge advisories --csaf CSAF/csaf_files/OT/white --kev known_exploited_vulnerabilities.json --source 'CISA CSAF (public domain)' --date 2024-10-24 --out advisories.tsv
  wardscope-hub knowledge pack manifest.yaml --key pack-key.pem --out advisories.wspack`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set := csaf.New()
			documents, refused, err := addFolder(set, folder)
			if err != nil {
				return err
			}
			if kev != "" {
				raw, err := os.ReadFile(kev)
				if err != nil {
					return fmt.Errorf("read exploited vulnerabilities: %w", err)
				}
				if err := set.AddExploited(raw); err != nil {
					return fmt.Errorf("%s: %w", kev, err)
				}
			}
			f, err := os.Create(out)
			if err != nil {
				return fmt.Errorf("write advisories: %w", err)
			}
			if err := errors.Join(set.Write(f, source, day), f.Close()); err != nil {
				return errors.Join(err, os.Remove(out))
			}
			for _, r := range refused {
				fmt.Fprintln(cmd.ErrOrStderr(), "wardscope-hub: left out "+r)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d documents, %d rows written to %s; %d left out\n", documents, set.Rows(), out, len(refused))
			return err
		},
	}
	cmd.Flags().StringVar(&folder, "csaf", "", "folder of CSAF documents (*.json), read with all folders below")
	cmd.Flags().StringVar(&kev, "kev", "", "CISA's known_exploited_vulnerabilities.json")
	cmd.Flags().StringVar(&out, "out", "", "table to write")
	cmd.Flags().StringVar(&source, "source", "CSAF documents", "where they are from, for the answers")
	cmd.Flags().StringVar(&day, "date", "", "day on which the documents were collected, for the answers (default: of the newest document)")
	_ = errors.Join(cmd.MarkFlagRequired("csaf"), cmd.MarkFlagRequired("out")) // fail for unknown flags only
	return cmd
}

// addFolder reads every document of a folder; one that is none is told of, not fatal.
func addFolder(set *csaf.Set, folder string) (documents int, refused []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := set.Add(raw); err != nil {
			refused = append(refused, path+": "+err.Error())
			return nil //nolint:nilerr // one document that is none leaves the others as they are; it is told of
		}
		documents++
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read CSAF documents: %w", err)
	}
	return documents, refused, nil
}
