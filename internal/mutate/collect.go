package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// collector finds the mutants of one file.
type collector struct {
	src   *source
	file  *file
	in    string
	sole  map[ast.Stmt]bool // the only statement of a guard or loop: left out with it
	found []*mutant
}

func (c *collector) collect() {
	for _, d := range c.file.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.in = d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				c.in = c.receiver(d.Recv.List[0].Type) + "." + d.Name.Name
			}
			if d.Body != nil {
				ast.Inspect(d.Body, c.visit)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					c.in = v.Names[0].Name
					ast.Inspect(v, c.visit)
				}
			}
		}
	}
}

func (c *collector) receiver(t ast.Expr) string {
	text := c.file.between(t.Pos(), t.End())
	if _, ok := t.(*ast.StarExpr); ok {
		return "(" + text + ")"
	}
	return text
}

// add notes a mutant that puts other text in the node's place.
func (c *collector) add(n ast.Node, kind, instead string, as shape) *mutant {
	m := &mutant{file: c.file, pos: n.Pos(), end: n.End(), in: c.in, kind: kind, text: oneLine(c.text(n)),
		instead: instead, shape: as}
	c.found = append(c.found, m)
	return m
}

func (c *collector) text(n ast.Node) string { return c.file.between(n.Pos(), n.End()) }

// value notes a mutant of an expression.
func (c *collector) value(e ast.Expr, kind, instead string) {
	t := c.src.info.Types[e].Type
	if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&types.IsBoolean != 0 {
		c.add(e, kind, instead, condition)
		return
	}
	c.add(e, kind, instead, value).typ = types.TypeString(t, func(p *types.Package) string {
		if p == c.src.pkg {
			return ""
		}
		return p.Name()
	})
}

func (c *collector) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt:
		c.statements(n.List)
	case *ast.CaseClause:
		c.statements(n.Body)
	case *ast.IfStmt:
		c.guard(n.Cond)
		if n.Else == nil {
			c.only(n.Body)
		}
	case *ast.ForStmt:
		if n.Cond != nil {
			c.guard(n.Cond)
		}
	case *ast.RangeStmt:
		c.loop(n)
	case *ast.SwitchStmt:
		c.cases(n)
	case *ast.BinaryExpr:
		c.binary(n)
	case *ast.UnaryExpr:
		c.unary(n)
	case *ast.BasicLit:
		c.number(n)
	case *ast.CallExpr:
		c.extreme(n)
	case *ast.Ident:
		c.truth(n)
	case *ast.ArrayType:
		ast.Inspect(n.Elt, c.visit)
		return false // a length is no rule
	}
	return true
}

func (c *collector) only(b *ast.BlockStmt) {
	if len(b.List) == 1 {
		c.sole[b.List[0]] = true
	}
}

// guard: a condition that is turned round, and one that never holds, which
// leaves out the rule behind it.
func (c *collector) guard(e ast.Expr) {
	text := c.text(e)
	switch x := e.(type) {
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			c.value(e, "negation", "!("+text+")")
		}
	case *ast.UnaryExpr:
	default:
		c.value(e, "negation", "!("+text+")")
	}
	c.value(e, "never", "false && ("+text+")")
}

// cases: the conditions of a switch without a tag are guards; of one with a
// tag, each value is left out.
func (c *collector) cases(s *ast.SwitchStmt) {
	for _, clause := range s.Body.List {
		for _, e := range clause.(*ast.CaseClause).List {
			switch {
			case s.Tag == nil:
				c.guard(e)
			case steady(s.Tag):
				c.add(e, "case", "", label).tag = c.text(s.Tag)
			}
		}
	}
}

// steady says that reading the expression again gives the same and does nothing.
func steady(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return steady(e.X)
	case *ast.IndexExpr:
		return steady(e.X) && steady(e.Index)
	}
	return false
}

// loop: nothing is gone through.
func (c *collector) loop(r *ast.RangeStmt) {
	m := c.add(r, "loop", "\nif true { break }\n", insertion)
	m.text = oneLine(c.file.between(r.Pos(), r.Body.Lbrace))
	m.pos = r.Body.Lbrace + 1
	m.end = m.pos
	c.only(r.Body)
}
