package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

// boundary and opposite are the other readings of a comparison.
var (
	boundary = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}
	opposite = map[token.Token]token.Token{token.LSS: token.GEQ, token.LEQ: token.GTR, token.GTR: token.LEQ, token.GEQ: token.LSS,
		token.EQL: token.NEQ, token.NEQ: token.EQL}
	arithmetic = map[token.Token]token.Token{token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
		token.REM: token.MUL, token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND,
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
		token.QUO_ASSIGN: token.MUL_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.AND_ASSIGN: token.OR_ASSIGN,
		token.INC: token.DEC, token.DEC: token.INC}
)

func (c *collector) binary(e *ast.BinaryExpr) {
	left, right := "("+c.text(e.X)+")", "("+c.text(e.Y)+")"
	with := func(op token.Token) string { return left + " " + op.String() + " " + right }
	if op, ok := boundary[e.Op]; ok {
		c.value(e, "boundary", with(op))
	}
	if op, ok := opposite[e.Op]; ok {
		c.value(e, "negation", with(op))
	}
	if op, ok := arithmetic[e.Op]; ok && c.counts(e) {
		c.value(e, "arithmetic", with(op))
	}
	switch e.Op { // the operand stays in the text, so that what it names is still used
	case token.LAND:
		c.value(e, "without left", "(true || "+left+") && "+right)
		c.value(e, "without right", left+" && (true || "+right+")")
	case token.LOR:
		c.value(e, "without left", "(false && "+left+") || "+right)
		c.value(e, "without right", left+" || (false && "+right+")")
	}
}

// counts says that the expression is a number, not a text.
func (c *collector) counts(e ast.Expr) bool {
	basic, ok := c.src.info.Types[e].Type.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

func (c *collector) unary(e *ast.UnaryExpr) {
	switch e.Op {
	case token.NOT:
		c.value(e, "negation", "("+c.text(e.X)+")")
	case token.SUB:
		c.value(e, "arithmetic", "("+c.text(e.X)+")")
	}
}

// number: one more than a number that a rule names; 0 and 1 are mostly
// beginnings and steps, and comparisons vary them.
func (c *collector) number(e *ast.BasicLit) {
	if e.Kind != token.INT {
		return
	}
	n, ok := constant.Int64Val(constant.MakeFromLiteral(e.Value, e.Kind, 0))
	if ok && n > 1 {
		c.value(e, "number", strconv.FormatInt(n+1, 10))
	}
}

// extreme: the largest where the smallest was asked for, and the reverse.
func (c *collector) extreme(e *ast.CallExpr) {
	name, ok := e.Fun.(*ast.Ident)
	if !ok {
		return
	}
	if _, builtin := c.src.info.Uses[name].(*types.Builtin); !builtin {
		return
	}
	other, ok := map[string]string{"min": "max", "max": "min"}[name.Name]
	if ok {
		c.value(e, "extreme", other+c.file.between(name.End(), e.End()))
	}
}

func (c *collector) truth(e *ast.Ident) {
	if use := c.src.info.Uses[e]; use == nil || use.Parent() != types.Universe {
		return
	}
	if other, ok := map[string]string{"true": "false", "false": "true"}[e.Name]; ok {
		c.value(e, "truth", other)
	}
}

// statements: each one that does something is left out, or does the opposite.
func (c *collector) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
			c.alter(s, s.Tok, s.TokPos)
		case *ast.IncDecStmt:
			c.alter(s, s.Tok, s.TokPos)
		case *ast.ExprStmt, *ast.ReturnStmt, *ast.BranchStmt:
		default:
			continue
		}
		if !c.sole[s] {
			c.add(s, "statement", "if false { "+c.text(s)+" }", statement)
		}
	}
}

func (c *collector) alter(s ast.Stmt, tok token.Token, at token.Pos) {
	if op, ok := arithmetic[tok]; ok {
		end := at + token.Pos(len(tok.String()))
		c.add(s, "arithmetic", c.file.between(s.Pos(), at)+op.String()+c.file.between(end, s.End()), statement)
	}
}
