package wiring

import (
	"path/filepath"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
)

// AuthorityConfig says how the key of the hub's certificate authority is encrypted on disk. Without a
// passphrase it lies under one that stands in the file unlock.key beside it: whoever has the whole
// folder, or a backup, has the key.
type AuthorityConfig struct {
	PassphraseFile    string `yaml:"passphrase_file"`     // on another disk, or given by a secret store
	OldPassphraseFile string `yaml:"old_passphrase_file"` // of before; the key is encrypted anew by the other
}

func (c AuthorityConfig) passphrases() ([][]byte, error) {
	return mtls.ReadPassphrases(c.PassphraseFile, c.OldPassphraseFile)
}

func (c *Config) openAuthority() (*mtls.Authority, error) {
	passphrases, err := c.Authority.passphrases()
	if err != nil {
		return nil, err
	}
	return mtls.Folder{Dir: filepath.Join(c.DataDir, authorityDir), Name: "Wardscope", Passphrases: passphrases}.Open(time.Now())
}
