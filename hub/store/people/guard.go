package people

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// What a person's statement may be made of, by the engine's own parse, thrice:
// formatQuery takes the text as a bound value, refuses more than one statement
// (the library would run them all, and the last one's answer could pose as a
// parse) and gives back what it understood, which is what runs; EXPLAIN AST
// shows every name that is written, also in subqueries that analysis replaces
// by their value; EXPLAIN QUERY TREE shows what the names are resolved to, also
// a table that stands behind IN or an alias. All run on the locked-down connection.

// openTableFunctions make rows of nothing.
var openTableFunctions = []string{"numbers", "generateSeries", "generate_series", "zeros", "values"}

// closedFunctions reach outside the statement's tables, or only waste time.
var closedFunctions = regexp.MustCompile(`(?i)^(dict.*|joinget.*|file|filesystem.*|hascolumnintable|getsetting.*|getserver.*|getmacro|` +
	`hostname|fqdn|fullhostname|displayname|serveruuid|tcpport|zookeeper.*|sleep.*|addressto.*|demangle|` +
	`catboost.*|modelevaluate|currentuser|user|currentprofiles|enabledprofiles|defaultprofiles|currentroles|enabledroles|defaultroles|` +
	`currentquery.*|queryid|initialqueryid|mysqlversion|connectionid|connection_id|getclienthttpheader|getoskernelversion|` +
	`getmaxtablename.*|partitionid|showcertificate|detectlanguage.*|naivebayes.*|ai.*|llm.*|url.*request|executable.*|__.*|` +
	`transactionid|tid.*|flatten_?merge|merge|remote.*|cluster.*|view.*|loop)$`)

var (
	nodeLine  = regexp.MustCompile(`^( *)([A-Za-z]+)(.*)$`)
	plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)
	childrenN = regexp.MustCompile(` \(children \d+\)$`)
	aliasPart = regexp.MustCompile(` \(alias .*\)$`)
	treeTable = regexp.MustCompile(`(?:^|[ ,])table_name: ([^,]*)`)
	treeFunc  = regexp.MustCompile(`table_function_name: ([^,]*)`)
	treeCall  = regexp.MustCompile(`(?:^|[ ,])function_name: ([^,]*)`)
)

// check refuses a statement that could see more than it may, and returns the
// text that may run.
func (r *Reader) check(ctx context.Context, sql string) (string, error) {
	var text string
	err := r.conn.QueryRow(ctx, "SELECT formatQuerySingleLine({sql:String})", clickhouse.Named("sql", sql)).Scan(&text)
	if err != nil {
		return "", refusal(err)
	}
	lines, err := r.explain(ctx, "EXPLAIN AST ", text)
	if err != nil {
		return "", err
	}
	if err := r.checkSyntax(lines); err != nil {
		return "", err
	}
	lines, err = r.explain(ctx, "EXPLAIN QUERY TREE ", text)
	if err != nil {
		return "", err
	}
	return text, r.checkTree(lines)
}

// refusal makes the engine's complaint about a statement a person's to mend.
func refusal(err error) error {
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) {
		return fmt.Errorf("parse statement: %w", err)
	}
	text, _, _ := strings.Cut(ex.Message, ": while executing")
	text, _, _ = strings.Cut(text, ": In scope")
	return &StatementError{Reason: text}
}

func (r *Reader) explain(ctx context.Context, how, sql string) ([]string, error) {
	rows, err := r.conn.Query(ctx, how+sql)
	if err != nil {
		return nil, refusal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("parse statement: %w", err)
		}
		out = append(out, strings.Split(line, "\n")...)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("parse statement: %w", err)
	}
	if len(out) == 0 {
		return nil, errNoParse
	}
	return out, nil
}

// node is one line of EXPLAIN AST.
type node struct {
	depth int
	kind  string
	name  string
}

func parseSyntax(lines []string) []node {
	out := make([]node, 0, len(lines))
	for _, line := range lines {
		m := nodeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := aliasPart.ReplaceAllString(childrenN.ReplaceAllString(m[3], ""), "")
		out = append(out, node{len(m[1]), m[2], strings.TrimSpace(name)})
	}
	return out
}

func (r *Reader) checkSyntax(lines []string) error {
	nodes := parseSyntax(lines)
	if len(nodes) == 0 || nodes[0].kind != "SelectWithUnionQuery" && nodes[0].kind != "SelectQuery" && nodes[0].kind != "SelectIntersectExceptQuery" {
		return &StatementError{Reason: "only SELECT is allowed"}
	}
	var ctes []string
	for i, n := range nodes {
		if n.kind == "WithElement" {
			name := strings.TrimSpace(n.name)
			if name != "" && !plainName.MatchString(name) {
				return &StatementError{Reason: "the name of a WITH must be letters, digits and '_'"}
			}
			ctes = append(ctes, name)
		}
		if i > 0 && n.depth == 1 && n.kind != "ExpressionList" {
			return &StatementError{Reason: "SETTINGS, FORMAT and INTO are not allowed"}
		}
	}
	for i, n := range nodes {
		switch n.kind {
		case "Set":
			return &StatementError{Reason: "SETTINGS is not allowed"}
		case "TableIdentifier":
			if err := r.checkTable(n.name, ctes); err != nil {
				return err
			}
		case "Function":
			name := strings.Fields(n.name + " ")
			if len(name) == 0 {
				continue
			}
			inFrom := i > 0 && nodes[i-1].kind == "TableExpression" && nodes[i-1].depth == n.depth-1
			if inFrom && !slices.Contains(openTableFunctions, name[0]) {
				return &StatementError{Reason: "table function " + name[0] + " is not allowed"}
			}
			if !inFrom && closedFunctions.MatchString(name[0]) {
				return &StatementError{Reason: "function " + name[0] + " is not allowed"}
			}
		}
	}
	return nil
}

// checkTable allows the open tables, and the statement's own WITH names.
func (r *Reader) checkTable(name string, ctes []string) error {
	short := strings.TrimPrefix(name, r.database+".")
	if slices.Contains(openTables, short) || !strings.Contains(name, ".") && slices.Contains(ctes, name) {
		return nil
	}
	// The parse shows no names of WITH elements in some forms; the query tree
	// then says what a plain name really is.
	if plainName.MatchString(name) && !strings.Contains(name, ".") && len(ctes) > 0 {
		return nil
	}
	return &StatementError{Reason: "table " + name + " is not allowed; there are " + strings.Join(openTables, ", ")}
}

func (r *Reader) checkTree(lines []string) error {
	for _, line := range lines {
		for _, m := range treeTable.FindAllStringSubmatch(line, -1) {
			if db, table, ok := strings.Cut(m[1], "."); !ok || db != r.database && db != "system" || db == "system" && table != "one" ||
				db == r.database && !slices.Contains(openTables, table) {
				return &StatementError{Reason: "table " + m[1] + " is not allowed; there are " + strings.Join(openTables, ", ")}
			}
		}
		for _, m := range treeFunc.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(openTableFunctions, m[1]) {
				return &StatementError{Reason: "table function " + m[1] + " is not allowed"}
			}
		}
		for _, m := range treeCall.FindAllStringSubmatch(line, -1) {
			if closedFunctions.MatchString(m[1]) {
				return &StatementError{Reason: "function " + m[1] + " is not allowed"}
			}
		}
	}
	return nil
}
