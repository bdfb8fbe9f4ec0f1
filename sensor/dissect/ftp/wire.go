package ftp

import "bytes"

const maxLine = 1024 // bytes: longer than any command or reply line in use

// line cuts the first line off data. It says how many bytes the line took, 0 when its end was not seen.
func line(data []byte) (text []byte, size int) {
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return nil, 0
	}
	return bytes.TrimRight(data[:i], "\r"), i + 1
}

// reply reads the code of a reply line. Last is false on the first lines of a longer reply
// (RFC 959, section 4.2); inner lines of such a reply have no code at all.
func reply(line []byte) (code int, text []byte, last, ok bool) {
	if len(line) < 3 || line[0] < '1' || line[0] > '6' || line[1] < '0' || line[1] > '5' || line[2] < '0' || line[2] > '9' {
		return 0, nil, false, false
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, nil, true, true
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, nil, false, false
	}
	return code, line[4:], line[3] == ' ', true
}

// command splits a command line into its upper-cased verb and the rest.
func command(line []byte) (verb string, arg []byte) {
	word := line
	if before, after, ok := bytes.Cut(line, []byte{' '}); ok {
		word, arg = before, after
	}
	return verb8(word), arg
}

// verb8 looks a word up without regard to case; "" when it is no command. It does not allocate.
func verb8(word []byte) string {
	var upper [4]byte
	if len(word) > len(upper) {
		return ""
	}
	for i, b := range word {
		if b >= 'a' && b <= 'z' {
			b -= 'a' - 'A'
		}
		upper[i] = b
	}
	return verbs[string(upper[:len(word)])]
}

// verbs are the commands of RFC 959, 2228, 2389, 2428, 3659 and a few in wide use.
var verbs = func() map[string]string {
	m := map[string]string{}
	for _, v := range []string{"USER", "PASS", "ACCT", "CWD", "CDUP", "SMNT", "QUIT", "REIN", "PORT", "PASV", "TYPE", "STRU", "MODE",
		"RETR", "STOR", "STOU", "APPE", "ALLO", "REST", "RNFR", "RNTO", "ABOR", "DELE", "RMD", "MKD", "PWD", "LIST", "NLST", "SITE",
		"SYST", "STAT", "HELP", "NOOP", "AUTH", "ADAT", "PROT", "PBSZ", "CCC", "FEAT", "OPTS", "EPRT", "EPSV", "MDTM", "MLSD", "MLST",
		"SIZE", "XPWD", "XMKD", "XRMD", "XCWD", "CLNT", "HOST", "LANG"} {
		m[v] = v
	}
	return m
}()
