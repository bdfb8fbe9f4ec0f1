package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/inventory/pack"
)

func newKnowledge() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "knowledge",
		Short: "Make keys and signed knowledge packs; `wardscope knowledge` imports them",
	}
	cmd.AddCommand(newKnowledgeKey(), newKnowledgePack(), newKnowledgeAdvisories())
	return cmd
}

func newKnowledgeKey() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "key --out FILE",
		Short:   "Make a key that signs packs, and print its public half for knowledge.trust",
		Example: "  wardscope-hub knowledge key --out pack-key.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			public, private, err := ed25519.GenerateKey(nil)
			if err != nil {
				return fmt.Errorf("make key: %w", err)
			}
			der, err := x509.MarshalPKCS8PrivateKey(private)
			if err != nil {
				return fmt.Errorf("make key: %w", err)
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("make key: %w", err)
			}
			if err := errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), f.Close()); err != nil {
				return fmt.Errorf("make key: %w", err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "key %s; the hub trusts it by\n\nknowledge:\n  trust: [%s]\n", pack.KeyID(public), base64.StdEncoding.EncodeToString(public))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file for the private key; it must not exist")
	_ = cmd.MarkFlagRequired("out") // fails for an unknown flag only
	return cmd
}

// packFile is what `knowledge pack` reads.
type packFile struct {
	Name      string `yaml:"name"`
	Version   string `yaml:"version"`
	Date      string `yaml:"date"`
	Publisher string `yaml:"publisher"`
	Tables    []struct {
		File    string `yaml:"file"`
		Kind    string `yaml:"kind"`
		Source  string `yaml:"source"`
		Licence string `yaml:"licence"`
		Date    string `yaml:"date"`
	} `yaml:"tables"`
}

func newKnowledgePack() *cobra.Command {
	var key, out string
	cmd := &cobra.Command{
		Use:   "pack MANIFEST.yaml --key KEY --out PACK",
		Short: "Make a signed pack of the files that a manifest names",
		Long: `Make a pack of the files that a manifest names, beside which they lie:

  name: medical-advisories        # a pack replaces the one of its name
  version: "2026-11"
  date: "2026-11-24"
  publisher: Northfield biomedical engineering
  tables:
    - {file: advisories.tsv, kind: advisories, source: CISA CSAF, licence: US government work, date: "2026-11-20"}`,
		Example: "  wardscope-hub knowledge pack manifest.yaml --key pack-key.pem --out medical-advisories.wspack",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return makePack(cmd, args[0], key, out)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "private key from `wardscope-hub knowledge key`")
	cmd.Flags().StringVar(&out, "out", "", "pack to write")
	_ = errors.Join(cmd.MarkFlagRequired("key"), cmd.MarkFlagRequired("out")) // fail for unknown flags only
	return cmd
}

func makePack(cmd *cobra.Command, manifest, keyFile, out string) error {
	private, err := readKey(keyFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(manifest)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	var file packFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("read manifest %s: %w", manifest, err)
	}
	m := pack.Manifest{Name: file.Name, Version: file.Version, Date: file.Date, Publisher: file.Publisher}
	content := map[string][]byte{}
	for _, t := range file.Tables {
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(manifest), t.File))
		if err != nil {
			return fmt.Errorf("read table: %w", err)
		}
		base := filepath.Base(t.File)
		content[base] = raw
		m.Tables = append(m.Tables, pack.Table{File: base, Kind: t.Kind, Source: t.Source, Licence: t.Licence, Date: t.Date})
	}
	f, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("write pack: %w", err)
	}
	if err := errors.Join(pack.Write(f, m, content, private), f.Close()); err != nil {
		return errors.Join(err, os.Remove(out))
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; look at it with: wardscope knowledge diff %s\n", out, out)
	return err
}

func readKey(file string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("read key %s: it is no PEM file", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", file, err)
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read key %s: it is no ed25519 key", file)
	}
	return private, nil
}
