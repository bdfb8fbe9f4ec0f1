package mtls

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/crypto/scrypt"
)

// UnlockFile holds the passphrase that a folder makes for itself when nobody gives one. Whoever has the
// whole folder has the key then; whoever gets the key file alone has nothing.
const UnlockFile = "unlock.key"

// How an authority's key is encrypted: scrypt (RFC 7914) makes a key of the passphrase, AES-256-GCM
// encrypts under it. 32 MiB and about a tenth of a second a try.
const (
	sealedType = "WARDSCOPE ENCRYPTED PRIVATE KEY"
	scryptLogN = 15
	scryptR    = 8
	scryptP    = 1
	maxLogN    = 20 // of what a file may ask for: a GiB
	saltBytes  = 16
	aesKey     = 32
)

// ErrPassphrase says that a key does not open by the passphrases that were given.
var ErrPassphrase = errors.New("none of the passphrases opens it")

// Folder is where an authority lies.
type Folder struct {
	Dir  string
	Name string // of the authority, when it has to be made
	// Passphrases encrypt the key: the first one does, the others may have until now. None: the folder
	// makes one for itself, in UnlockFile.
	Passphrases [][]byte
}

// SealKey encrypts a private key in PEM.
func SealKey(key, passphrase []byte) ([]byte, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	gcm, err := sealer(passphrase, salt, scryptLogN)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce)
	return pem.EncodeToMemory(&pem.Block{
		Type: sealedType, Headers: map[string]string{"Kdf": "scrypt", "Log-N": strconv.Itoa(scryptLogN), "Salt": base64.StdEncoding.EncodeToString(salt)},
		Bytes: gcm.Seal(nonce, nonce, key, []byte(sealedType)),
	}), nil
}

// OpenKey decrypts what SealKey made. A text in the clear comes back as it is, with sealed false.
func OpenKey(text []byte, passphrases ...[]byte) (key []byte, by int, sealed bool, err error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != sealedType {
		return text, 0, false, nil
	}
	salt, err := base64.StdEncoding.DecodeString(block.Headers["Salt"])
	logN, err2 := strconv.Atoi(block.Headers["Log-N"])
	if err := errors.Join(err, err2); err != nil || logN < 1 || logN > maxLogN || block.Headers["Kdf"] != "scrypt" {
		return nil, 0, true, fmt.Errorf("read encrypted key: its head cannot be read: %w", errors.Join(err, errors.ErrUnsupported))
	}
	for i, p := range passphrases {
		gcm, err := sealer(p, salt, logN)
		if err != nil {
			return nil, 0, true, err
		}
		if len(block.Bytes) < gcm.NonceSize() {
			break
		}
		nonce, body := block.Bytes[:gcm.NonceSize()], block.Bytes[gcm.NonceSize():]
		if key, err := gcm.Open(nil, nonce, body, []byte(sealedType)); err == nil {
			return key, i, true, nil
		}
	}
	return nil, 0, true, fmt.Errorf("read encrypted key: %w", ErrPassphrase)
}

func sealer(passphrase, salt []byte, logN int) (cipher.AEAD, error) {
	key, err := scrypt.Key(passphrase, salt, 1<<logN, scryptR, scryptP, aesKey)
	if err != nil {
		return nil, fmt.Errorf("make key of passphrase: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return gcm, nil
}

// Open loads the authority of the folder, and makes it when the folder holds none. A folder with one
// of the two files only is an error: replacing the pair would shut every sensor out. A key that lies
// in the clear, or under an older passphrase, is encrypted under the first one.
func (f Folder) Open(now time.Time) (*Authority, error) {
	certFile, keyFile := filepath.Join(f.Dir, AuthorityCertFile), filepath.Join(f.Dir, AuthorityKeyFile)
	_, certErr := os.Stat(certFile)
	_, keyErr := os.Stat(keyFile)
	if errors.Is(certErr, fs.ErrNotExist) && errors.Is(keyErr, fs.ErrNotExist) {
		return f.make(now)
	}
	a, text, sealedBy, err := f.load(now)
	if err != nil {
		return nil, err
	}
	if sealedBy != 0 {
		if err := f.write(text); err != nil {
			return nil, err
		}
	}
	if len(f.Passphrases) > 0 { // no longer needed, and better gone
		if err := os.Remove(filepath.Join(f.Dir, UnlockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove %s: %w", UnlockFile, err)
		}
	}
	return a, nil
}

// load reads the pair; sealedBy is 0 iff the key lies under the passphrase that it should.
func (f Folder) load(now time.Time) (a *Authority, key []byte, sealedBy int, err error) {
	certFile, keyFile := filepath.Join(f.Dir, AuthorityCertFile), filepath.Join(f.Dir, AuthorityKeyFile)
	certText, err := os.ReadFile(certFile)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("load authority: %w (%s and %s belong together: restore both from a backup)", err, AuthorityCertFile, AuthorityKeyFile)
	}
	keyText, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("load authority: %w (%s and %s belong together: restore both from a backup)", err, AuthorityCertFile, AuthorityKeyFile)
	}
	passphrases := f.Passphrases
	if own, err := os.ReadFile(filepath.Join(f.Dir, UnlockFile)); err == nil {
		passphrases = append(slices.Clip(passphrases), own)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, 0, fmt.Errorf("load authority: %w", err)
	}
	key, by, sealed, err := OpenKey(keyText, passphrases...)
	if errors.Is(err, ErrPassphrase) {
		remedy := "set authority.passphrase_file, or bring " + UnlockFile + " back from a backup"
		if len(f.Passphrases) > 0 {
			remedy = "correct authority.passphrase_file; name the one of before in authority.old_passphrase_file"
		}
		return nil, nil, 0, fmt.Errorf("load authority %s: %w; %s", keyFile, err, remedy)
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("load authority %s: %w", keyFile, err)
	}
	if !sealed {
		by = -1
	}
	a, err = parseAuthority(certFile, certText, key, now)
	return a, key, by, err
}

func (f Folder) make(now time.Time) (*Authority, error) {
	a, err := NewAuthority(f.Name, now)
	if err != nil {
		return nil, err
	}
	key, err := keyPEM(a.key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the authority: %w", err)
	}
	// The key first: a crash between the two leaves a folder that says so, not one that looks whole.
	if err := f.write(key); err != nil {
		return nil, err
	}
	if err := WriteFile(filepath.Join(f.Dir, AuthorityCertFile), a.pem, 0o644); err != nil {
		return nil, err
	}
	return a, nil
}

// write encrypts the key under the first passphrase, or the folder's own.
func (f Folder) write(key []byte) error {
	passphrase, err := f.own()
	if err != nil {
		return err
	}
	sealed, err := SealKey(key, passphrase)
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(f.Dir, AuthorityKeyFile), sealed, 0o600)
}

func (f Folder) own() ([]byte, error) {
	if len(f.Passphrases) > 0 {
		return f.Passphrases[0], nil
	}
	file := filepath.Join(f.Dir, UnlockFile)
	text, err := os.ReadFile(file)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	raw := make([]byte, aesKey)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	text = []byte(base64.StdEncoding.EncodeToString(raw))
	return text, WriteFile(file, text, 0o600)
}

// minPassphrase is what a person can still choose well, bytes.
const minPassphrase = 12

// ReadPassphrases reads one from each file that is named, without the white space around it.
func ReadPassphrases(files ...string) (out [][]byte, err error) {
	for _, file := range files {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read passphrase of the authority: %w", err)
		}
		if text = bytes.TrimSpace(text); len(text) < minPassphrase {
			return nil, fmt.Errorf("read passphrase of the authority: %s has under %d bytes", file, minPassphrase)
		}
		out = append(out, text)
	}
	return out, nil
}
