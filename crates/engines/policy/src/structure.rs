//! What a policy is made of, read from the syntax tree: the rules that the gate asks, the tests, the functions that are called.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{
    Expr, ExprRef, Import, Literal, LiteralStmt, Module, Query, Ref, Rule, RuleAssign, RuleBody, RuleHead,
    Span,
};

use crate::{LayerName, Place, PolicyError, builtin};

/// Deeper than people write, and far less than the stack takes.
const MAX_DEPTH: usize = 200;

/// Bounds how deep rules can stand on each other.
const MAX_RULES: usize = 4000;

/// What an entry rule's answers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asks {
    /// `deny`
    Deny,
    /// `warn`
    Warn,
    /// `require_approval`
    Approval,
}

impl Asks {
    fn of(name: &str) -> Option<Self> {
        match name {
            "deny" => Some(Self::Deny),
            "warn" => Some(Self::Warn),
            "require_approval" => Some(Self::Approval),
            _ => None,
        }
    }
}

/// A rule that the gate asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryRule {
    /// What it answers.
    pub(crate) asks: Asks,
    /// How many definitions it has.
    pub(crate) definitions: u32,
    /// The first of them.
    pub(crate) place: Place,
}

/// What was found; keys are paths such as `data.palisade.gate.deny`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Structure {
    /// What the gate asks.
    pub(crate) entries: BTreeMap<String, EntryRule>,
    /// Rules named `test_*`, and how often each is defined.
    pub(crate) tests: BTreeMap<String, u32>,
}

/// Reads `modules`, and refuses what can't be evaluated safely or would never be asked.
pub(crate) fn structure(layer: LayerName, modules: &[Ref<Module>]) -> Result<Structure, PolicyError> {
    let count = modules.iter().map(|module| module.policy.len()).sum();
    if count > MAX_RULES {
        return Err(PolicyError::TooManyRules { layer, count, limit: MAX_RULES });
    }
    let mut structure = Structure::default();
    let mut functions = BTreeMap::new();
    for module in modules {
        let package = names(&module.package.refr);
        for rule in &module.policy {
            structure.add(&package, rule)?;
            if is_function(rule) {
                let path = data_path(&package, &names(head(rule)));
                functions.entry(path).or_insert_with(|| (place(rule.span()), BTreeSet::new()));
            }
        }
    }
    for module in modules {
        check_calls(module, &mut functions)?;
    }
    check_recursion(&functions)?;
    Ok(structure)
}

impl Structure {
    fn add(&mut self, package: &[String], rule: &Rule) -> Result<(), PolicyError> {
        let head = names(head(rule));
        let place = place(head_span(rule));
        if let Some(name) = head.first().filter(|name| name.starts_with("test_")) {
            let path = data_path(package, std::slice::from_ref(name));
            *self.tests.entry(path).or_default() += u32::from(matches!(rule, Rule::Spec { .. }));
        }
        let full: Vec<_> = package.iter().chain(&head).cloned().collect();
        let is_gate = full.first().is_some_and(|name| name == "palisade")
            && full.get(1).is_some_and(|name| name == "gate");
        let is_test = package.last().is_some_and(|name| name.ends_with("_test"));
        let reserved = |names: &[String]| names.iter().position(|name| Asks::of(name).is_some());
        if !is_gate || is_test {
            let package = package.join(".");
            return match reserved(&head).and_then(|at| head.get(at)) {
                Some(rule) => Err(PolicyError::Misplaced { place, rule: rule.clone(), package }),
                None => Ok(()),
            };
        }
        let Some(at) = reserved(&full) else { return Ok(()) };
        let path = full.get(..=at).unwrap_or_default();
        let Some(asks) = path.last().and_then(|name| Asks::of(name)) else { return Ok(()) };
        let entry =
            self.entries.entry(data_path(path, &[])).or_insert(EntryRule { asks, definitions: 0, place });
        entry.definitions += u32::from(matches!(rule, Rule::Spec { .. }));
        Ok(())
    }
}

/// Functions by path: where they are, and the functions they call.
type Functions = BTreeMap<String, (Place, BTreeSet<String>)>;

fn check_calls(module: &Module, functions: &mut Functions) -> Result<(), PolicyError> {
    let package = names(&module.package.refr);
    for rule in &module.policy {
        let mut callees = BTreeSet::new();
        for (span, name) in calls(rule)? {
            match resolve(&name, &package, &module.imports, functions) {
                Some(path) => drop(callees.insert(path)),
                None => check_builtin(span, name.join("."))?,
            }
        }
        if let Some((_, known)) = functions.get_mut(&data_path(&package, &names(head(rule)))) {
            known.extend(callees);
        }
    }
    Ok(())
}

fn check_builtin(span: &Span, name: String) -> Result<(), PolicyError> {
    let place = place(span);
    if builtin::is_undetermined(&name) {
        return Err(PolicyError::Undetermined { place, name });
    }
    if builtin::exists(&name) { Ok(()) } else { Err(PolicyError::UnknownFunction { place, name }) }
}

fn resolve(name: &[String], package: &[String], imports: &[Import], functions: &Functions) -> Option<String> {
    let (first, rest) = name.split_first()?;
    let imported = imports.iter().filter(|import| alias(import).as_ref() == Some(first)).map(|import| {
        names(&import.refr).into_iter().chain(rest.iter().cloned()).collect::<Vec<_>>().join(".")
    });
    let own = [data_path(package, name), name.join(".")];
    imported.chain(own).find(|path| functions.contains_key(path))
}

fn alias(import: &Import) -> Option<String> {
    import.r#as.as_ref().map(|span| span.text().to_owned()).or_else(|| names(&import.refr).pop())
}

/// The interpreter finds rules that depend on themselves, but follows functions until its stack ends.
fn check_recursion(functions: &Functions) -> Result<(), PolicyError> {
    let mut done = BTreeSet::new();
    for start in functions.keys() {
        let mut open = BTreeSet::new();
        let mut steps = vec![(start, false)];
        while let Some((name, is_left)) = steps.pop() {
            if is_left {
                open.remove(name);
                done.insert(name);
                continue;
            }
            let Some((place, callees)) = functions.get(name).filter(|_| !done.contains(name)) else {
                continue;
            };
            if !open.insert(name) {
                return Err(PolicyError::Recursion { place: place.clone(), name: name.clone() });
            }
            steps.push((name, true));
            steps.extend(callees.iter().map(|callee| (callee, false)));
        }
    }
    Ok(())
}

/// A part of a rule that holds expressions.
enum Node<'a> {
    Expression(&'a Expr),
    Query(&'a Query),
}

/// Every call in `rule`: where, and the parts of the name. Goes without recursion, because a chain of operators can be long.
fn calls(rule: &Rule) -> Result<Vec<(&Span, Vec<String>)>, PolicyError> {
    let mut found = Vec::new();
    let mut open: Vec<_> = roots(rule).into_iter().map(|node| (node, 0)).collect();
    while let Some((node, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return Err(PolicyError::TooDeep { place: place(rule.span()), limit: MAX_DEPTH });
        }
        if let Node::Expression(Expr::Call { span, fcn, .. }) = &node {
            found.push((span, names(fcn)));
        }
        let below = match node {
            Node::Expression(expression) => children(expression),
            Node::Query(query) => query.stmts.iter().flat_map(statement).collect(),
        };
        open.extend(below.into_iter().map(|node| (node, depth + 1)));
    }
    Ok(found)
}

fn roots(rule: &Rule) -> Vec<Node<'_>> {
    match rule {
        Rule::Default { refr, args, value, .. } => {
            let own = [expression(refr), expression(value)];
            own.into_iter().chain(args.iter().map(expression)).collect()
        }
        Rule::Spec { head, bodies, .. } => {
            head_nodes(head).into_iter().chain(bodies.iter().flat_map(body)).collect()
        }
    }
}

fn head_nodes(head: &RuleHead) -> Vec<Node<'_>> {
    match head {
        RuleHead::Compr { refr, assign, .. } => some([Some(refr), value(assign)]),
        RuleHead::Set { refr, key, .. } => some([Some(refr), key.as_ref()]),
        RuleHead::Func { refr, args, assign, .. } => {
            some([Some(refr), value(assign)]).into_iter().chain(args.iter().map(expression)).collect()
        }
    }
}

fn body(body: &RuleBody) -> Vec<Node<'_>> {
    some([value(&body.assign)]).into_iter().chain([Node::Query(&body.query)]).collect()
}

fn statement(statement: &LiteralStmt) -> Vec<Node<'_>> {
    let mut nodes = match &statement.literal {
        Literal::SomeVars { .. } => Vec::new(),
        Literal::SomeIn { key, value, collection, .. } => some([key.as_ref(), Some(value), Some(collection)]),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => some([Some(expr)]),
        Literal::Every { domain, query, .. } => vec![expression(domain), Node::Query(query)],
    };
    nodes
        .extend(statement.with_mods.iter().flat_map(|with| [expression(&with.refr), expression(&with.r#as)]));
    nodes
}

fn children(parent: &Expr) -> Vec<Node<'_>> {
    match parent {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => Vec::new(),
        Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().map(expression).collect(),
        Expr::Object { fields, .. } => {
            fields.iter().flat_map(|(_, key, value)| [expression(key), expression(value)]).collect()
        }
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            vec![expression(term), Node::Query(query)]
        }
        Expr::ObjectCompr { key, value, query, .. } => {
            vec![expression(key), expression(value), Node::Query(query)]
        }
        Expr::Call { fcn, params, .. } => {
            [expression(fcn)].into_iter().chain(params.iter().map(expression)).collect()
        }
        Expr::UnaryExpr { expr, .. } => some([Some(expr)]),
        Expr::RefDot { refr, .. } => some([Some(refr)]),
        Expr::RefBrack { refr, index, .. } => some([Some(refr), Some(index)]),
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => some([Some(lhs), Some(rhs)]),
        Expr::Membership { key, value, collection, .. } => {
            some([key.as_ref(), Some(value), Some(collection)])
        }
    }
}

fn expression(reference: &ExprRef) -> Node<'_> {
    Node::Expression(reference)
}

fn some<const N: usize>(references: [Option<&ExprRef>; N]) -> Vec<Node<'_>> {
    references.into_iter().flatten().map(expression).collect()
}

fn value(assign: &Option<RuleAssign>) -> Option<&ExprRef> {
    assign.as_ref().map(|assign| &assign.value)
}

fn is_function(rule: &Rule) -> bool {
    match rule {
        Rule::Spec { head, .. } => matches!(head, RuleHead::Func { .. }),
        Rule::Default { args, .. } => !args.is_empty(),
    }
}

fn head(rule: &Rule) -> &Expr {
    match rule {
        Rule::Default { refr, .. } => refr,
        Rule::Spec { head: RuleHead::Compr { refr, .. }, .. }
        | Rule::Spec { head: RuleHead::Set { refr, .. }, .. }
        | Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => refr,
    }
}

fn head_span(rule: &Rule) -> &Span {
    head(rule).span()
}

fn place(span: &Span) -> Place {
    Place { module: span.source.file().clone(), line: span.line, column: span.col }
}

/// The names of a reference from its start up to the first part that is not written out.
fn names(reference: &Expr) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = reference;
    loop {
        let (part, next) = match rest {
            Expr::Var { span, .. } => (Some(span.text().to_owned()), None),
            Expr::RefDot { refr, field, .. } => (Some(field.0.text().to_owned()), Some(refr)),
            Expr::RefBrack { refr, index, .. } => (written(index), Some(refr)),
            _ => (None, None),
        };
        parts.push(part);
        match next {
            Some(next) => rest = next,
            None => return parts.into_iter().rev().map_while(|part| part).collect(),
        }
    }
}

fn written(index: &Expr) -> Option<String> {
    match index {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            value.as_string().ok().map(|text| text.to_string())
        }
        _ => None,
    }
}

fn data_path(package: &[String], names: &[String]) -> String {
    ["data"].into_iter().chain(package.iter().chain(names).map(String::as_str)).collect::<Vec<_>>().join(".")
}
